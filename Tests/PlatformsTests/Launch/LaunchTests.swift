import Accounts
import App
import AppTestKit
import Crypto
import Formats
import Jobs
import RemoteAPIs
import Sandbox
import Storage
import TestKit
import Testing
import Values

@testable import Platforms

@Suite("Launches")
struct LaunchTests {
  @Test("A video becomes one paused ad with the file's own bytes, and clicks on it name the ad")
  func launch() async throws {
    let bench = try await LaunchBench()
    let launch = try await bench.start()
    #expect(launch.state == .requested)
    #expect(
      launch.urlTags
        == "utm_source=facebook&utm_medium=paid&utm_content={{ad.id}}&utm_campaign={{campaign.id}}&utm_term={{adset.id}}"
    )
    let done = try await bench.finish(launch)
    #expect(done.state == .launched, "\(done.problem ?? "")")
    #expect(await bench.made() == LaunchBench.one)
    let video = await bench.truth()["videos"]?.arrayValue?.first
    #expect(video?["sha256"]?.stringValue == Hex.text(SHA256.hash(data: bench.bytes)))
    #expect(video?["id"]?.stringValue == done.videoID?.value)
    #expect(done.sentBytes == 2_500_000)
    #expect(done.review?.verdict == .pending)
    #expect(done.review?.status == "PAUSED")
    let creative = try await bench.service().client(of: bench.account).creative(#require(done.creativeID))
    #expect(creative.name == "Hook A geminivideo-\(launch.id)")
    #expect(creative.urlTags == launch.urlTags)
    let log = try await bench.test.system.audit.list(of: bench.account).map(\.action)
    #expect(log.filter { $0.hasPrefix("launch") }.sorted() == ["launch_ended", "launch_requested"])
  }

  @Test("A worker does it, comes back by itself for what takes time, and reads the review until there is a verdict")
  func worker() async throws {
    let bench = try await LaunchBench()
    let launch = try await bench.start()
    var verdict: LaunchReview.Verdict?
    for _ in 0..<60 where verdict == nil || verdict == .pending {
      try await bench.test.workOffJobs()
      verdict = try await bench.stored(launch).review?.verdict
      await bench.pass(seconds: 1_800)
    }
    #expect(verdict == .approved || verdict == .disapproved)
    #expect(await bench.made() == LaunchBench.one)
    // Nothing is left to do.
    await bench.pass(seconds: 8 * 86_400)
    let before = bench.transport.calls.filter { $0.hasPrefix("POST") }.count
    try await bench.test.workOffJobs()
    #expect(bench.transport.calls.filter { $0.hasPrefix("POST") }.count == before)
  }

  @Test("A refused ad says why before anybody activates it")
  func refused() async throws {
    let bench = try await LaunchBench()
    let launch = try await bench.finish(try await bench.start())
    bench.transport.always { method, path in
      guard method == "GET", SandboxTransport.edge(path) == "object" else { return nil }
      return .answered(
        200,
        """
        {"id":"5","name":"Hook A","status":"PAUSED","effective_status":"DISAPPROVED",\
        "ad_review_feedback":{"global":{"MISLEADING_CLAIMS":"no"}}}
        """)
    }
    let read = try await bench.service().reviewed(launch.id, of: bench.account)
    #expect(read.review?.verdict == .disapproved)
    #expect(read.review?.reasons == ["everywhere: MISLEADING_CLAIMS: no"])
    #expect(try await bench.stored(launch).review == read.review)
  }

  @Test("A video at an address is fetched by Meta, and found by its title where the answer is lost")
  func address() async throws {
    let bench = try await LaunchBench()
    bench.transport.set(.lostAfter, at: bench.transport.calls.count + 2)
    let launch = try await bench.start { $0.video = .address("https://cdn.example/v.mp4?token=secret") }
    let done = try await bench.finish(launch)
    #expect(done.state == .launched, "\(done.problem ?? "")")
    #expect(await bench.made() == LaunchBench.one)
    #expect(bench.transport.calls.contains("GET advideos"))
    var json = JSONWriter()
    LaunchCoding.write(done, to: &json)
    #expect(!json.string.contains("secret"))
  }

  @Test("A picture of one's own is shown before the video plays")
  func thumbnail() async throws {
    let bench = try await LaunchBench()
    let path = try bench.test.file("thumb.jpg", [1, 2, 3])
    let launch = try await bench.finish(try await bench.start { $0.thumbnailPath = path })
    #expect(launch.state == .launched, "\(launch.problem ?? "")")
    #expect(launch.thumbnail == .hash("\(Hex.text(SHA256.hash(data: [1, 2, 3] as [UInt8])).prefix(32))"))
    #expect(bench.transport.calls.contains("POST adimages"))
  }

  @Test("A file that was changed meanwhile is not sent, and one that is gone waits for somebody")
  func changedFile() async throws {
    let bench = try await LaunchBench()
    let changed = try await bench.start()
    _ = try bench.test.file("video.mp4", [1])
    let failed = try await bench.finish(changed)
    #expect(failed.state == .failed)
    #expect(failed.problem?.contains("was changed") == true)
    let other = try await bench.start {
      $0.video = .file(path: "/nowhere/v.mp4", FileStamp(size: 5, modifiedAt: bench.wall.now()))
    }
    #expect(try await bench.finish(other).problem?.contains("cannot read the video") == true)
    #expect(await bench.made() == LaunchBench.Made(videos: 0, creatives: 0, ads: []))
  }

  @Test("Whatever Meta refuses for good ends the launch with Meta's words, and a retry goes on from there")
  func retry() async throws {
    let bench = try await LaunchBench()
    let launch = try await bench.start()
    bench.transport.always { method, path in
      method == "POST" && path.hasSuffix("/ads")
        ? .answered(400, #"{"error":{"code":100,"error_subcode":1359188,"error_user_msg":"No payment method"}}"#) : nil
    }
    let failed = try await bench.finish(launch)
    #expect(failed.state == .failed)
    #expect(failed.resumeState == .ad)
    #expect(failed.problem?.contains("No payment method") == true)
    bench.transport.always(nil)
    let again = try await bench.test.system.launches.retry(launch.id, of: bench.account, by: .system)
    #expect(again.state == .ad)
    #expect(try await bench.finish(launch).state == .launched)
    #expect(await bench.made() == LaunchBench.one)
    await #expect(throws: LaunchError.done(launch.id)) {
      try await bench.test.system.launches.retry(launch.id, of: bench.account, by: .system)
    }
  }

  @Test("A video that Meta cannot use is sent anew on a retry")
  func lostVideo() async throws {
    let bench = try await LaunchBench()
    let launch = try await bench.start()
    bench.transport.always { method, path in
      guard method == "GET", path.contains("/91000000") else { return nil }
      let answer = """
        {"id":"5","status":{"video_status":"error","processing_phase":{"status":"error",\
        "errors":[{"code":1,"message":"bad codec"}]}}}
        """
      return .answered(200, answer)
    }
    let failed = try await bench.finish(launch)
    #expect(failed.problem == "Meta cannot use the video: bad codec")
    #expect(failed.resumeState == .requested)
    bench.transport.always(nil)
    _ = try await bench.test.system.launches.retry(launch.id, of: bench.account, by: .system)
    let done = try await bench.finish(launch)
    #expect(done.state == .launched)
    #expect(done.videoID != failed.videoID)
  }

  @Test("Nothing is launched in the mode observe, without a verified ad account, or while execution is stopped")
  func switches() async throws {
    let observing = try await LaunchBench(mode: "observe")
    await #expect(throws: LaunchError.observing(observing.account)) { try await observing.start() }
    let loose = try await LaunchBench(connects: false)
    await #expect(throws: LaunchError.adAccount("no ad account is connected")) { try await loose.start() }
    let bench = try await LaunchBench()
    let launch = try await bench.start()
    _ = try await bench.test.system.execution.stop(bench.account, by: .system, reason: "fire")
    let text = try await bench.service().run(launch.id, of: bench.account)
    #expect(text.contains("execution is stopped: fire"))
    #expect(try await bench.stored(launch).state == .requested)
    #expect(!bench.transport.calls.contains { $0.hasPrefix("POST") })
    _ = try await bench.test.system.execution.resume(bench.account, by: .system)
    #expect(try await bench.finish(launch).state == .launched)
  }

  @Test("An ad set that is not there, or that was archived, ends it before anything is sent")
  func adSets() async throws {
    let bench = try await LaunchBench()
    let launch = try await bench.finish(try await bench.start { $0.adSetID = try LaunchBench.id("5") })
    #expect(launch.state == .failed)
    #expect(launch.resumeState == .requested)
    #expect(!bench.transport.calls.contains { $0.hasPrefix("POST") })
  }

  @Test("An account that is connected with another ad account meanwhile does not launch there")
  func otherAccount() async throws {
    let bench = try await LaunchBench()
    let launch = try await bench.start()
    try await bench.test.system.database.write { transaction in
      _ = try transaction.execute("UPDATE meta_connections SET ad_account = '77' WHERE account_id = \(bench.account)")
    }
    let failed = try await bench.finish(launch)
    #expect(failed.problem?.contains("is connected with act_77") == true)
    #expect(!bench.transport.calls.contains { $0.hasPrefix("POST") })
  }

  @Test("Who works on a launch that somebody else has taken writes nothing more")
  func superseded() async throws {
    let bench = try await LaunchBench()
    let launch = try await bench.start()
    let old = LaunchRunner(service: bench.service(), launch: try await bench.stored(launch))
    #expect(try await bench.finish(launch).state == .launched)
    await #expect(throws: LaunchHalt.self) { try await old.save() }
    #expect(try await bench.stored(launch).state == .launched)
  }

  @Test("So many launches may be under way, and no more")
  func bounds() async throws {
    let bench = try await LaunchBench()
    for _ in 0..<LaunchService.mostOpen { _ = try await bench.start() }
    await #expect(throws: LaunchError.tooMany(limit: LaunchService.mostOpen)) { try await bench.start() }
    let listed = try await bench.test.system.launches.list(LaunchFilter(), of: bench.account)
    #expect(listed.count == LaunchService.mostOpen)
  }

  @Test("Launches that ended long ago go")
  func retention() async throws {
    let bench = try await LaunchBench()
    let launch = try await bench.finish(try await bench.start())
    bench.test.clock.advance(seconds: 400 * 86_400)
    #expect(try await bench.test.system.launches.removeEnded(limit: 10) == 0)
    bench.test.clock.advance(seconds: 1)
    #expect(try await bench.test.system.launches.removeEnded(limit: 10) == 1)
    await #expect(throws: LaunchError.unknown(launch.id, bench.account)) { try await bench.stored(launch) }
  }
}
