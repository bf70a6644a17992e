import Accounts
import App
import AppTestKit
import RemoteAPIs
import Testing
import Values

@testable import Platforms

/// Launches that are interrupted between any two steps: whoever goes on makes nothing twice.
@Suite("Launches that are interrupted")
struct LaunchCrashTests {
  /// The calls that an undisturbed launch makes, and one more, which never comes.
  private static let most = 14

  private enum Kind: String, CaseIterable {
    case deathBefore, deathAfter, lostBefore, lostAfter, failedBefore, failedAfter

    var mishap: SandboxTransport.Mishap {
      switch self {
      case .deathBefore: .deathBefore
      case .deathAfter: .deathAfter
      case .lostBefore: .lostBefore
      case .lostAfter: .lostAfter
      case .failedBefore: .failed(isDone: false)
      case .failedAfter: .failed(isDone: true)
      }
    }
  }

  @Test(
    "Wherever a worker dies or an answer is lost, there are one video, one creative and one ad", arguments: 1...most)
  func anywhere(_ number: Int) async throws {
    for kind in Kind.allCases {
      let bench = try await LaunchBench()
      bench.transport.set(kind.mishap, at: bench.transport.calls.count + number)
      let launch = try await bench.start()
      let done = try await bench.finish(launch)
      #expect(done.state == .launched, "\(kind) at \(number): \(done.problem ?? "")")
      #expect(await bench.made() == LaunchBench.one, "\(kind) at \(number): \(bench.transport.calls)")
      #expect(done.adID != nil)
    }
  }

  @Test("An undisturbed launch makes no more calls than are disturbed here")
  func count() async throws {
    let bench = try await LaunchBench()
    let before = bench.transport.calls.count
    _ = try await bench.finish(try await bench.start())
    let calls = bench.transport.calls.dropFirst(before)
    #expect(calls.count < Self.most, "\(Array(calls))")
    #expect(calls.count > 10)
  }

  @Test("With many answers lost and many deaths there is still one of each", arguments: 1...6)
  func storm(_ seed: Int) async throws {
    let bench = try await LaunchBench()
    let launch = try await bench.start()
    for call in 1...200 where (call * 7 + seed * 13) % 5 < 2 {
      let kind = Kind.allCases[(call + seed) % Kind.allCases.count]
      bench.transport.set(kind.mishap, at: bench.transport.calls.count + call)
    }
    var done = try await bench.finish(launch, rounds: 200)
    for _ in 0..<20 where done.state == .failed {
      _ = try await bench.test.system.launches.retry(launch.id, of: bench.account, by: .system)
      done = try await bench.finish(launch, rounds: 200)
    }
    #expect(done.state == .launched, "\(done.problem ?? "")")
    #expect(await bench.made() == LaunchBench.one)
  }

  @Test("What is not known is not looked for while the call may still be under way, and not made again before")
  func settling() async throws {
    let bench = try await LaunchBench()
    let launch = try await bench.start()
    bench.transport.always { method, path in method == "POST" && path.hasSuffix("/ads") ? .lostAfter : nil }
    var waiting = launch
    for _ in 0..<20 where waiting.state != .ad {
      _ = try await bench.service().run(launch.id, of: bench.account)
      await bench.pass(seconds: 30)
      waiting = try await bench.stored(launch)
    }
    #expect(waiting.state == .ad)
    let sent = bench.transport.calls.count { $0 == "POST ads" }
    let text = try await bench.service().run(launch.id, of: bench.account)
    #expect(text.contains("has not replied"))
    #expect(!bench.transport.calls.contains("GET ads"))
    await bench.pass(seconds: LaunchRunner.settleSeconds)
    _ = try await bench.service().run(launch.id, of: bench.account)
    #expect(try await bench.stored(launch).state == .launched)
    #expect(bench.transport.calls.count { $0 == "POST ads" } == sent)
    #expect(await bench.made() == LaunchBench.one)
  }
}
