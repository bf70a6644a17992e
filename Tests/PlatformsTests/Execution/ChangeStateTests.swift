import App
import AppTestKit
import Execution
import Foundation
import Jobs
import Storage
import TestKit
import Testing
import Values

@testable import Platforms

@Suite("States of changes, held by the database")
struct ChangeStateTests {
  /// Puts a change into the state in which `columns` are what the schema wants of it, whatever it was before.
  private static func columns(of state: ChangeState, at now: Instant) -> SQL {
    let isWritten = [ChangeState.verified, .failed, .rolledBack].contains(state)
    let isSent = isWritten || state == .applying
    let isEnded = ![ChangeState.proposed, .approved, .claimed, .applying].contains(state)
    let sent: Instant? = isSent ? now : nil
    let claim: Instant? = state == .claimed ? now : nil
    let end: Instant? = isEnded ? now : nil
    let written: Bool? = isWritten ? true : nil
    let other: String? = state == .rolledBack ? String(repeating: "0", count: 24) : nil
    return """
      state = \(state.rawValue), approved_at = \(now), approved_by = 'cli:ada', claimed_until = \(claim.sqlValue),
      applying_at = \(sent.sqlValue), send_by = \(sent.sqlValue), settle_at = \(sent.sqlValue), was_written = \(written.sqlValue), finished_at = \(end.sqlValue),
      rolled_back_by = \(other.sqlValue)
      """
  }

  private func make(in bench: ExecutionBench) async throws -> PendingAdChange {
    try #require(try await bench.propose(["21": 9_000]).first)
  }

  @Test("Of all moves between two states exactly those in the picture are taken")
  func moves() async throws {
    let bench = try await ExecutionBench()
    let now = bench.test.clock.now()
    let change = try await make(in: bench)
    let paths: [ChangeState: [ChangeState]] = [
      .proposed: [], .approved: [.approved], .claimed: [.approved, .claimed],
      .applying: [.approved, .claimed, .applying], .verified: [.approved, .claimed, .applying, .verified],
      .failed: [.approved, .claimed, .applying, .failed], .blocked: [.approved, .claimed, .blocked],
      .expired: [.expired], .rejected: [.rejected],
      .rolledBack: [.approved, .claimed, .applying, .verified, .rolledBack],
    ]
    struct Undone: Error {}
    var taken: [String] = []
    for from in ChangeState.allCases {
      for to in ChangeState.allCases where to != from {
        let path = try #require(paths[from])
        do {
          try await bench.test.system.database.write { transaction in
            for state in path + [to] {
              try transaction.execute(
                "UPDATE pending_ad_changes SET \(Self.columns(of: state, at: now)) WHERE account_id = \(bench.account)")
            }
            throw Undone()
          }
        } catch is Undone {
          taken.append("\(from.rawValue)>\(to.rawValue)")
        } catch DatabaseError.checkViolation {}
      }
    }
    #expect(Set(taken) == Set(ExecutionMigrations.moves))
    #expect(try await bench.state(change) == .proposed)
  }

  @Test("The picture in the documentation has the same moves")
  func picture() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
    let text = try String(contentsOf: root.appending(path: "docs/execution.md"), encoding: .utf8)
    let drawn = text.matches(of: #/^\s*(\w+) --> (\w+)/#.anchorsMatchLineEndings()).map { "\($0.1)>\($0.2)" }
    #expect(Set(drawn) == Set(ExecutionMigrations.moves))
  }

  @Test(
    "A change begins as a proposal, and what it is to do stays",
    arguments: [
      "target_budget = 1", "object_id = '1'", "kind = 'pause'", "expires_at = proposed_at", "total_limit = NULL",
      "origin = 'revive'", "proposed_by = 'x'",
    ])
  func fixed(_ assignment: String) async throws {
    let bench = try await ExecutionBench()
    let before = try await make(in: bench)
    let update = SQL(stringLiteral: "UPDATE pending_ad_changes SET \(assignment)")
    await #expect(throws: DatabaseError.self) {
      try await bench.test.system.database.write { try $0.execute(update) }
    }
    #expect(try await bench.stored(before).action == before.action)
  }

  @Test("The history is never changed, and no object has two open changes of the same part")
  func kept() async throws {
    let bench = try await ExecutionBench()
    let change = try await make(in: bench)
    await #expect(throws: DatabaseError.self) {
      try await bench.test.system.database.write { try $0.execute("UPDATE ad_change_history SET actor = 'evil'") }
    }
    let repository = AdChangeRepository(.usd)
    let batch = try await bench.changes.batch(change.batchID, of: bench.account).batch
    let twin = AdChangeDraft(
      id: TimedID(microseconds: 1, random: 1), batchID: batch.id, decisionID: nil, origin: .decision,
      object: change.object, level: .adSet, name: nil, action: .setBudget(from: 10_000, to: 10_500), rank: 2,
      reason: "twin", effect: change.effect, deliveryShare: .zero, learning: .unknown, ads: [], totalLimit: nil,
      proposedAt: change.proposedAt, proposedBy: "test", expiresAt: change.expiresAt, rollbackOf: nil, stateReason: nil,
      notBefore: nil)
    await #expect(throws: DatabaseError.self) {
      try await bench.test.system.database.write { try repository.insert(twin, of: bench.account, in: $0) }
    }
  }

  @Test("The mode leaves observe only with all amounts, in the database too")
  func amounts() async throws {
    let bench = try await ExecutionBench()
    await #expect(throws: DatabaseError.self) {
      try await bench.test.system.database.write { try $0.execute("UPDATE execution_settings SET holder_cap = NULL") }
    }
  }
}
