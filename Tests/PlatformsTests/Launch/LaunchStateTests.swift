import App
import AppTestKit
import Formats
import Foundation
import RemoteAPIs
import Storage
import TestKit
import Testing
import Values

@testable import Platforms

@Suite("States of launches, held by the database")
struct LaunchStateTests {
  /// What the schema wants of a launch in `state`.
  private static func columns(of state: LaunchState, at now: Instant) -> SQL {
    let reached = LaunchState.allCases.firstIndex(of: state) ?? 0
    let isFailed = state == .failed
    let end: Instant? = state.isOpen ? nil : now
    let video: String? = state == .requested ? nil : "1"
    let thumbnail: String? = reached >= 3 ? "h" : nil
    let creative: String? = reached >= 4 ? "2" : nil
    let ad: String? = state == .launched ? "3" : nil
    let resume: String? = isFailed ? "ad" : nil
    let problem: String? = isFailed ? "x" : nil
    return """
      state = \(state.rawValue), finished_at = \(end.sqlValue), video_id = \(video.sqlValue),
      thumbnail_hash = \(thumbnail.sqlValue), creative_id = COALESCE(creative_id, \(creative.sqlValue)),
      ad_id = \(ad.sqlValue), resume_state = \(resume.sqlValue), problem = \(problem.sqlValue)
      """
  }

  @Test("Of all moves between two states exactly those in the picture are taken")
  func moves() async throws {
    let bench = try await LaunchBench()
    let now = bench.wall.now()
    let launch = try await bench.start()
    let paths: [LaunchState: [LaunchState]] = [
      .requested: [], .uploading: [.uploading], .processing: [.uploading, .processing],
      .creative: [.uploading, .processing, .creative], .ad: [.uploading, .processing, .creative, .ad],
      .launched: [.uploading, .processing, .creative, .ad, .launched], .failed: [.failed],
    ]
    struct Undone: Error {}
    var taken: [String] = []
    for from in LaunchState.allCases {
      for to in LaunchState.allCases where to != from {
        let path = try #require(paths[from])
        do {
          try await bench.test.system.database.write { transaction in
            for state in path + [to] {
              _ = try transaction.execute(
                "UPDATE launches SET \(Self.columns(of: state, at: now)) WHERE account_id = \(bench.account)")
            }
            throw Undone()
          }
        } catch is Undone {
          taken.append("\(from.rawValue)>\(to.rawValue)")
        } catch DatabaseError.checkViolation {}
      }
    }
    #expect(Set(taken) == Set(LaunchMigrations.moves))
    #expect(try await bench.stored(launch).state == .requested)
  }

  @Test("The picture in the documentation has the same moves")
  func picture() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
    let text = try String(contentsOf: root.appending(path: "docs/launch.md"), encoding: .utf8)
    let drawn = text.matches(of: #/^\s*(\w+) --> (\w+)/#.anchorsMatchLineEndings()).map { "\($0.1)>\($0.2)" }
    #expect(Set(drawn) == Set(LaunchMigrations.moves))
  }

  @Test(
    "What is to be launched stays as it was asked for, and what was made stays made",
    arguments: [
      "link = 'https://other.example/'", "url_tags = 'a={{ad.id}}'", "ad_set_id = '9'", "video_path = '/other'",
      "creative_id = '9'", "ad_id = '9'", "ad_id = NULL", "state = 'ad', ad_id = NULL, finished_at = NULL",
    ])
  func fixed(_ change: String) async throws {
    let bench = try await LaunchBench()
    let launch = try await bench.finish(try await bench.start())
    #expect(launch.state == .launched)
    await #expect(throws: DatabaseError.self) {
      try await bench.test.system.database.write { transaction in
        _ = try transaction.execute(
          "UPDATE launches SET \(SQL(stringLiteral: change)) WHERE account_id = \(bench.account)")
      }
    }
    #expect(try await bench.stored(launch) == launch)
  }
}
