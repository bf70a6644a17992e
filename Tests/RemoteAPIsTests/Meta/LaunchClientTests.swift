import Formats
import RemoteAPIs
import TestKit
import Testing
import Values

/// What the client asks for and makes of answers to launches, beyond what is recorded.
struct LaunchClientTests {
  private let bench = MetaBench()

  private var ad: MetaAdDraft {
    MetaAdDraft(name: "A", adSetID: meta(2), creativeID: meta(3), label: "geminivideo-1")
  }

  @Test("nothing is sent twice, and an answer without a number leaves the outcome unknown")
  func once() async throws {
    let answers: [Result<HTTPAnswer, TransportError>] = [
      .failure(.timedOut(limit: .seconds(60))), .failure(.connectionFailed("gone")), .answer(500, "{}"),
      .answer(200, "null"), .answer(200, #"{"success":true}"#), .answer(200, "<html>"),
      .answer(500, #"{"error":{"code":2,"is_transient":true,"message":"later"}}"#),
    ]
    for answer in answers {
      let transport = ScriptedTransport(script: [answer])
      let client = try bench.client(transport)
      let error = await failure { () async throws(MetaError) in try await client.create(ad) }
      #expect(error?.kind == .outcomeUnknown, "\(answer)")
      #expect(transport.calls.count == 1)
    }
  }

  @Test("a video that is sent to another server than Meta's goes all to that one")
  func sandbox() async throws {
    let transport = ScriptedTransport(.answer(200, "{}"))
    var settings = MetaAPISettings()
    settings.baseURL = "http://127.0.0.1:8090"
    let client = MetaClient(
      transport: transport, adAccount: try #require(MetaAdAccountID("act_1")),
      credentials: MetaCredentials(token: Secret("TOKEN")), settings: settings, now: bench.clock.now)
    _ = await failure { () async throws(MetaError) in try await client.beginVideo(size: 1) }
    #expect(transport.calls.map(\.url) == ["http://127.0.0.1:8090/v26.0/act_1/advideos"])
  }

  @Test("a video that Meta has already is not sent, and an answer of success ends the sending")
  func known() async throws {
    let start = #"{"video_id":"5","upload_session_id":"6","skip_upload":true}"#
    let client = try bench.client(ScriptedTransport(.answer(200, start), .answer(200, #"{"success":true}"#)))
    let upload = try await client.beginVideo(size: 10)
    #expect(upload.window.isOver(of: 10))
    let next = try await client.sendVideo(
      MetaUploadWindow(start: 0, end: 10), of: upload.sessionID, named: "a/b\"c.mp4", MadeBytes(count: 10))
    #expect(next.isOver(of: 10))
  }

  @Test("ads are found by their labels, archived ones too, and videos and creatives by their names")
  func finding() async throws {
    let list = """
      {"data":[{"id":"1","status":"PAUSED","adlabels":[{"id":"9","name":"geminivideo-2"}]},\
      {"id":"2","status":"ARCHIVED","adlabels":[{"name":"x"},{"name":"geminivideo-1"}],"creative":{"id":"3"}},\
      {"id":"4","status":"PAUSED"}]}
      """
    let names = #"{"data":[{"id":"7","name":"c","title":"c"},{"id":"8"}]}"#
    let transport = ScriptedTransport(.answer(200, list), .answer(200, names), .answer(200, names))
    let client = try bench.client(transport)
    let found = try await client.ads(inSet: meta(2), labelled: "geminivideo-1")
    #expect(found.map(\.id) == [meta(2)])
    #expect(found.map(\.creativeID) == [meta(3)])
    #expect(try await client.creatives(named: "c") == [meta(7)])
    #expect(try await client.videos(titled: "c") == [meta(7)])
    let requests = transport.calls.map(MetaRequest.init)
    #expect(requests.map(\.path) == ["/v26.0/2/ads", "/v26.0/act_123/adcreatives", "/v26.0/act_123/advideos"])
    #expect(requests[0].parameters["effective_status"]?.contains(#""ARCHIVED""#) == true)
  }

  @Test(
    "a video's words: what is lost, and what Meta has",
    arguments: [
      ("ready", true, false, true), ("processing", false, false, true), ("upload_complete", false, false, true),
      ("uploading", false, false, false), ("error", false, true, false), ("expired", false, true, false),
      ("upload_failed", false, true, false), ("something_new", false, false, false),
    ])
  func words(_ word: String, _ isReady: Bool, _ isLost: Bool, _ isUploaded: Bool) async throws {
    let answer = """
      {"id":"5","status":{"video_status":"\(word)","processing_phase":{"status":"error",\
      "errors":[{"code":1,"message":"no sound"}]}}}
      """
    let video = try await bench.client(ScriptedTransport(.answer(200, answer))).video(meta(5))
    #expect(video.isReady == isReady)
    #expect(video.isLost == isLost)
    #expect(video.isUploaded == isUploaded)
    #expect(video.problems == ["no sound"])
  }
}
