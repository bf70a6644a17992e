import Formats
import HTTPTypes
import RemoteAPIs
import TestKit
import Testing
import Values

/// The client's requests for launches against those that Meta's own Python library makes for the same calls.
@Suite("Meta's client launches ads as Meta's own library does", .needsSharedData)
struct LaunchRecordingTests {
  private let bench = MetaBench()
  private let recording: LaunchRecording

  init() throws {
    recording = try LaunchRecording()
  }

  private func replay(
    _ step: String, from first: Int = 0
  ) throws -> (client: MetaClient, transport: ScriptedTransport) {
    let exchanges = try #require(recording.steps[step]).dropFirst(first)
    let transport = ScriptedTransport(script: exchanges.map { .success($0.answer) })
    return (try bench.client(transport, appSecret: "appsecret"), transport)
  }

  private func expectEqual(
    _ transport: ScriptedTransport, _ step: String, from first: Int = 0, ignoring names: String...
  ) async throws {
    let exchanges = try #require(recording.steps[step]).dropFirst(first)
    for (call, recorded) in zip(transport.calls, exchanges) {
      #expect(call.bearerToken?.text == recorded.request.parameters["access_token"])
      #expect(call.url.hasPrefix("https://\(recorded.host)/"))
      var (own, theirs) = (MetaRequest(call), recorded.request.without("access_token", "summary"))
      for name in names { (own, theirs) = (own.without(name), theirs.without(name)) }
      #expect(own == theirs)
      guard !recorded.parts.isEmpty else { continue }
      #expect(try await FormPart.all(of: call) == recorded.parts)
    }
  }

  @Test("a video goes up in the windows that Meta names, one of them twice")
  func chunks() async throws {
    let (client, transport) = try replay("1a")
    let upload = try await client.beginVideo(size: 817_104)
    #expect(upload.videoID == meta(900_000_000_000_001))
    var window = upload.window
    var starts: [Int64] = []
    while !window.isOver(of: 817_104) {
      starts.append(window.start)
      window = try await client.sendVideo(
        window, of: upload.sessionID, named: "ad.mp4", MadeBytes(count: Int(window.end - window.start)))
    }
    #expect(starts == [0, 300_000, 300_000, 600_000])
    try await client.finishVideo(upload.sessionID, title: "ad.mp4")
    #expect(transport.calls.count == recording.steps["1a"]?.count)
    try await expectEqual(transport, "1a")
  }

  @Test("a video's state, and its pictures")
  func state() async throws {
    let (client, transport) = try replay("1b")
    let first = try await client.video(meta(900_000_000_000_001))
    #expect(!first.isReady && !first.isLost && first.isUploaded)
    let second = try await client.video(first.id)
    #expect(second.isReady)
    #expect(second.progress == 100)
    try await expectEqual(transport, "1b")
    let (other, calls) = try replay("1f", from: 1)
    let pictures = try await other.thumbnails(of: first.id)
    #expect(pictures.map(\.address) == ["https://scontent.example/t1.jpg"])
    #expect(pictures.map(\.isPreferred) == [true])
    try await expectEqual(calls, "1f", from: 1)
  }

  @Test("a video that Meta fetches, with the title that it is found by, and a picture")
  func others() async throws {
    let (client, transport) = try replay("1d")
    #expect(try await client.addVideo(from: "https://cdn.example/ad.mp4", title: "gv v1") == meta(900_000_000_000_001))
    try await expectEqual(transport, "1d", ignoring: "title")
    let (other, calls) = try replay("2a2")
    let bytes = Array(repeating: UInt8(ascii: "p"), count: 37_741)
    #expect(try await other.addImage(bytes, named: "thumb.jpg") == "9f495644042f7f00f52ab72422a9f3fc")
    try await expectEqual(calls, "2a2")
  }

  private var draft: MetaCreativeDraft {
    var draft = MetaCreativeDraft(
      name: "gv v1", pageID: meta(111), videoID: meta(900_000_000_000_001),
      thumbnail: .hash("9f495644042f7f00f52ab72422a9f3fc"), headline: "Headline", text: "Primary text",
      link: "https://example.com/p",
      urlTags:
        "utm_source=facebook&utm_medium=paid&utm_content={{ad.id}}&utm_campaign={{campaign.id}}&utm_term={{adset.id}}")
    draft.instagramUserID = meta(17_841_400_000_000_000)
    draft.description = "Description"
    return draft
  }

  @Test("a creative, with each opt-out by itself, and the same one read back")
  func creative() async throws {
    let (client, transport) = try replay("3a")
    #expect(try await client.create(draft) == meta(23_850_000_000_009))
    try await expectEqual(transport, "3a")
    let (other, calls) = try replay("3e")
    let read = try await other.creative(meta(23_850_000_000_009))
    #expect(read.urlTags == "utm_content={{ad.id}}")
    #expect(read.optedIn == [])
    try await expectEqual(calls, "3e", ignoring: "fields", "thumbnail_width", "thumbnail_height")
  }

  private func ad(_ name: String) -> MetaAdDraft {
    var draft = MetaAdDraft(
      name: name, adSetID: meta(2385), creativeID: meta(23_850_000_000_009), label: "geminivideo-run-1")
    draft.pixelID = meta(777)
    draft.conversionDomain = "example.com"
    return draft
  }

  @Test("an ad, paused")
  func ads() async throws {
    let (client, transport) = try replay("4b")
    #expect(try await client.create(ad("gv v1 é")) == meta(23_860_000_000_000_001))
    try await expectEqual(transport, "4b")
  }

  @Test("what refuses an ad: no payment method, a video that is not ready, too many of them")
  func refusals() async throws {
    let (client, transport) = try replay("4h")
    var kinds: [MetaError.Kind?] = []
    for name in ["NOPAY", "NOTREADY", "LIMIT"] {
      kinds.append(await failure { () async throws(MetaError) in try await client.create(ad(name)) }?.kind)
    }
    let end = bench.clock.now().adding(seconds: 3_600)
    // None of them made anything, so that none has an outcome that is not known.
    #expect(kinds == [.invalid, .unavailable, .limited(.adCreation, until: end)])
    #expect(transport.calls.count == 3)
    try await expectEqual(transport, "4h")
  }

  @Test("what reviewers say of an ad")
  func review() async throws {
    let (client, transport) = try replay("5a", from: 1)
    let review = try await client.review(ofAd: meta(23_860_000_000_000_001))
    try await expectEqual(transport, "5a", from: 1, ignoring: "fields")
    #expect(review.status == .paused)
    #expect(review.effectiveStatus == "DISAPPROVED")
    #expect(
      review.feedback == [
        "everywhere: MISLEADING_CLAIMS: Ads must not contain deceptive claims.", "instagram: PERSONAL_ATTRIBUTES: ...",
      ])
    #expect(review.issues.first?.hasPrefix("Ad post is not available: ") == true)
    #expect(review.previewLink == "https://fb.me/x")
  }
}
