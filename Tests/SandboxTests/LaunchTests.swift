import Crypto
import Formats
import RemoteAPIs
import Testing
import Values

@testable import Sandbox

/// A new ad, from its video to its first deal.
struct LaunchTests {
  private let bench: SandboxBench

  init() throws {
    bench = try SandboxBench(worldSettings(seed: 3))
  }

  private static let adSet = "23850000000200002"

  private func multipart(_ edge: String, _ fields: [String: String], file: String, _ bytes: [UInt8])
    async -> SandboxReply
  {
    var body: [UInt8] = []
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
      body += Array(
        "--b0\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8)
    }
    let head = "--b0\r\nContent-Disposition: form-data; name=\"\(file)\"; filename=\"a.mp4\"\r\n"
    body +=
      Array((head + "Content-Type: multipart/form-data\r\n\r\n").utf8) + bytes
      + Array("\r\n--b0--\r\n".utf8)
    return await bench.sandbox.reply(
      to: SandboxRequest(
        method: "POST", path: "/v26.0/\(bench.account)/\(edge)",
        authorization: "Bearer \(bench.sandbox.settings.credentials.accessToken.text)",
        contentType: "multipart/form-data; boundary=b0", body: body))
  }

  private func post(_ edge: String, _ parameters: [String: String]) async -> SandboxReply {
    await bench.graph("POST", "\(bench.account)/\(edge)", parameters)
  }

  private func story(video: String, image: String) -> String {
    """
    {"page_id":"111","instagram_user_id":"17841400000000000","video_data":{"video_id":"\(video)",\
    "image_hash":"\(image)","title":"T","message":"M",\
    "call_to_action":{"type":"LEARN_MORE","value":{"link":"https://shop.example.com/p"}}}}
    """
  }

  /// Uploads a video and an image, waits for the video, and makes a creative of them.
  private func creative(urlTags: String = "utm_source=facebook&hsa_ad={{ad.id}}") async throws
    -> String
  {
    let video = try #require(
      await multipart("advideos", ["name": "v"], file: "source", [1, 2, 3]).body["id"]?.stringValue)
    for _ in 0..<2 { _ = await bench.graph("GET", video, ["fields": "status"]) }
    let image = await multipart("adimages", [:], file: "filename", [4, 5]).body["images"]?.members
      .first?.value["hash"]
    let made = await post(
      "adcreatives",
      [
        "name": "c", "object_story_spec": story(video: video, image: image?.stringValue ?? ""),
        "url_tags": urlTags,
      ])
    return try #require(made.body["id"]?.stringValue, "\(made.body)")
  }

  private func ad(_ creative: String, _ more: [String: String] = [:]) async -> SandboxReply {
    await post(
      "ads",
      [
        "name": "New", "adset_id": Self.adSet, "creative": #"{"creative_id":"\#(creative)"}"#,
        "status": "PAUSED",
        "adlabels": #"[{"name":"run-1"}]"#,
      ].merging(more) { $1 })
  }

  @Test(
    "A video comes in the windows that the server names, and is ready a while after it has come")
  func chunks() async throws {
    let bytes = (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let start = await post("advideos", ["upload_phase": "start", "file_size": "\(bytes.count)"])
      .body
    let video = try #require(start["video_id"]?.stringValue)
    let session = try #require(start["upload_session_id"]?.stringValue)
    var window = (Int(start["start_offset"]?.integer ?? 0), Int(start["end_offset"]?.integer ?? 0))
    func send(_ from: Int, _ to: Int) async -> SandboxReply {
      await multipart(
        "advideos",
        ["upload_phase": "transfer", "start_offset": "\(from)", "upload_session_id": session],
        file: "video_file_chunk", Array(bytes[from..<to]))
    }
    let wrong = await send(window.1, bytes.count).body["error"]
    #expect(wrong?["error_subcode"] == 1_363_037)
    #expect(wrong?["error_data"]?["start_offset"] == 0)
    let early = await post("advideos", ["upload_phase": "finish", "upload_session_id": session])
    #expect(early.status == 400)
    var windows = 0
    while window.0 < window.1 {
      let next = await send(window.0, window.1).body
      window = (Int(next["start_offset"]?.integer ?? 0), Int(next["end_offset"]?.integer ?? 0))
      windows += 1
    }
    #expect(windows == 3 && window.0 == bytes.count)
    #expect(
      await post("advideos", ["upload_phase": "finish", "upload_session_id": session]).body == [
        "success": true
      ])
    func status() async -> JSONValue? {
      await bench.graph("GET", video, ["fields": "status"]).body["status"]?["video_status"]
    }
    #expect(await status() == "processing")
    #expect(await status() == "ready")
    let truth = await bench.control("GET", "state").body["videos"]?.arrayValue?.first
    #expect(truth?["sha256"]?.stringValue == Hex.text(SHA256.hash(data: bytes)))
    #expect(
      await post("advideos", ["upload_phase": "finish", "upload_session_id": "1"]).status == 400)
  }

  @Test("A creative that is made again is the same; one that Meta does not take is refused")
  func creatives() async throws {
    let first = try await creative()
    #expect(try await creative(urlTags: "other") != first)
    let fields = ["fields": "name,url_tags,object_story_spec,video_id,status"]
    let read = await bench.graph("GET", first, fields).body
    #expect(read["url_tags"] == "utm_source=facebook&hsa_ad={{ad.id}}")
    let story = try #require(
      read["object_story_spec"].map { String(decoding: $0.bytes, as: UTF8.self) })
    let again = await post("adcreatives", ["name": "c2", "object_story_spec": story])
    #expect(
      await post("adcreatives", ["name": "c2", "object_story_spec": story]).body == again.body)
    let changes: [(String, String, Int64?)] = [
      (#""image_hash""#, #""image_url":"https://x","image_hash""#, 1_443_226),
      (#""image_hash""#, #""other""#, 1_443_226),
      (#""link""#, #""lost""#, 2_446_383), ("instagram_user_id", "instagram_actor_id", nil),
    ]
    for (old, new, subcode) in changes {
      let reply = await post(
        "adcreatives", ["name": "c3", "object_story_spec": story.replacing(old, with: new)])
      #expect(reply.status == 400)
      #expect(reply.body["error"]?["error_subcode"]?.integer == subcode, "\(new)")
    }
    let bundle = #"{"creative_features_spec":{"standard_enhancements":{"enroll_status":"OPT_IN"}}}"#
    let enhanced = await post(
      "adcreatives", ["object_story_spec": story, "degrees_of_freedom_spec": bundle])
    #expect(enhanced.body["error"]?["error_subcode"] == 3_858_504)
    #expect(await bench.graph("POST", first, ["url_tags": "x"]).status == 400)
  }

  @Test("An ad is reviewed before it runs, is found by its label, and brings deals that name it")
  func launch() async throws {
    let creative = try await creative()
    let before = await bench.ids("ads").count
    #expect(
      await ad(creative, ["execution_options": #"["validate_only"]"#]).body == ["success": true])
    #expect(await bench.ids("ads").count == before)
    var running: [String] = []
    var refused: [String] = []
    for number in 0..<30 {
      running.append(
        try #require(await ad(creative, ["name": "New \(number)"]).body["id"]?.stringValue))
    }
    let label = [
      "filtering": #"[{"field":"adlabels","operator":"ANY","value":["run-1"]}]"#, "limit": "100",
    ]
    let labelled = await bench.graph("GET", "\(bench.account)/ads", label).body["data"]?.arrayValue
    #expect(labelled?.compactMap { $0["id"]?.stringValue } == running)
    func status(_ id: String) async -> String? {
      await bench.graph("GET", id, ["fields": "effective_status"]).body["effective_status"]?
        .stringValue
    }
    for id in running {
      #expect(await status(id) == "PENDING_REVIEW")
      #expect(await bench.graph("POST", id, ["status": "ACTIVE"]).status == 200)
    }
    await bench.pass(days: 1)
    for id in running {
      guard await status(id) == "DISAPPROVED" else {
        #expect(await status(id) == "ACTIVE")
        continue
      }
      refused.append(id)
      let reason = await bench.graph("GET", id, ["fields": "ad_review_feedback"]).body[
        "ad_review_feedback"]
      #expect(reason?["global"]?.members.count == 1)
    }
    #expect((1...8).contains(refused.count))
    #expect(await bench.graph("POST", Self.adSet, ["daily_budget": "200000"]).status == 200)
    await bench.pass(days: 4)
    let ads = await bench.control("GET", "state").body["ads"]?.arrayValue ?? []
    let spend = Dictionary(
      uniqueKeysWithValues: ads.map { ($0["id"]?.stringValue ?? "", $0["spend"]?.stringValue) })
    for id in running { #expect((spend[id] == "0.00") == refused.contains(id)) }
    let found = await bench.hubSpot(
      "GET", "/crm/v3/objects/contacts", query: "limit=100&properties=hs_analytics_last_url")
    let addresses = (found.body["results"]?.arrayValue ?? []).compactMap {
      $0["properties"]?["hs_analytics_last_url"]?.stringValue
    }
    #expect(
      addresses.contains { address in running.contains { address.contains("hsa_ad=\($0)&fbclid=") }
      })
  }

  @Test("Videos that have come and creatives are listed, page by page, and a video that is ready has a picture")
  func lists() async throws {
    for number in 0..<3 { _ = try await creative(urlTags: "a=\(number)") }
    _ = await post("advideos", ["upload_phase": "start", "file_size": "5"])
    func listed(_ edge: String, _ more: [String: String] = [:]) async -> SandboxReply {
      await bench.graph(
        "GET", "\(bench.account)/\(edge)", ["fields": "id,name", "limit": "2"].merging(more) { $1 })
    }
    let first = await listed("adcreatives").body
    #expect(first["data"]?.arrayValue?.count == 2)
    let after = try #require(first["paging"]?["cursors"]?["after"]?.stringValue)
    #expect(first["paging"]?["next"] != nil)
    let last = await listed("adcreatives", ["after": after]).body
    #expect(last["data"]?.arrayValue?.count == 1)
    #expect(last["paging"]?["next"] == nil)
    let videos = await listed("advideos", ["fields": "id,title,status", "limit": "100"]).body["data"]?.arrayValue
    // The one that was only begun is none yet.
    #expect(videos?.compactMap { $0["title"]?.stringValue } == ["v", "v", "v"])
    let video = try #require(videos?.first?["id"]?.stringValue)
    let pictures = await bench.graph("GET", "\(video)/thumbnails", ["fields": "uri,is_preferred"]).body["data"]
    #expect(pictures?.arrayValue?.first?["is_preferred"] == true)
    let young = await multipart("advideos", ["name": "w"], file: "source", [1]).body["id"]?.stringValue ?? ""
    #expect(await bench.graph("GET", "\(young)/thumbnails", ["fields": "uri"]).body["data"] == [])
    // Neither the list nor the pictures let a video go on.
    #expect(
      await bench.graph("GET", young, ["fields": "status"]).body["status"]?["video_status"] == "processing")
    #expect(await listed("advideos", ["fields": "secret"]).status == 400)
    #expect(await bench.graph("GET", "\(video)/thumbnails", ["fields": "secret"]).status == 400)
    #expect(await bench.control("GET", "state").body["creatives"] == 3)
  }

  @Test("Ads that Meta does not make")
  func refusals() async throws {
    let creative = try await creative()
    let cases: [([String: String], Int64?)] = [
      (["adset_id": "23850000000100002"], 33), (["creative": #"{"creative_id":"1"}"#], 33),
      (["status": "DELETED"], nil),
      (["name": ""], nil), (["bid_amount": "5"], nil),
    ]
    for (change, subcode) in cases {
      let reply = await ad(creative, change)
      #expect(reply.status == 400)
      #expect(reply.body["error"]?["error_subcode"]?.integer == subcode, "\(change)")
    }
    let video =
      await multipart("advideos", ["name": "v"], file: "source", [9]).body["id"]?.stringValue ?? ""
    let image = "\(Hex.text(SHA256.hash(data: [4, 5] as [UInt8])).prefix(32))"
    let inline = #"{"object_story_spec":\#(story(video: video, image: image))}"#
    #expect(await ad(creative, ["creative": inline]).body["error"]?["error_subcode"] == 1_885_252)
    for _ in 0..<2 { _ = await bench.graph("GET", video, ["fields": "status"]) }
    #expect(await ad(creative, ["creative": inline]).status == 200)
    let nowhere = inline.replacing(#""instagram_user_id":"17841400000000000","#, with: "")
    #expect(await ad(creative, ["creative": nowhere]).body["error"]?["error_subcode"] == 1_772_103)
    for number in 0..<60 { _ = await ad(creative, ["name": "\(number)"]) }
    let state = await bench.control("GET", "state").body
    #expect(state["limits_broken"]?["ads_per_ad_set"]?.integer ?? 0 > 0)
    let inSet = state["ads"]?.arrayValue?.count { $0["adset_id"]?.stringValue == Self.adSet }
    #expect(inSet == 50)
  }

  @Test(
    "Bodies that are no forms of parts are none",
    arguments: ["", "--b0", "--b0\r\nx", "--b1\r\n\r\n--b1--", "--b0\r\n\r\nx\r\n"])
  func brokenForms(_ text: String) {
    #expect(MultipartForm(Array(text.utf8), contentType: "multipart/form-data; boundary=b0") == nil)
    #expect(MultipartForm(Array(text.utf8), contentType: "text/plain") == nil)
  }
}
