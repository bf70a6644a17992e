import Accounts
import App
import AppTestKit
import Execution
import Storage
import TestKit
import Testing
import Values

@testable import Platforms

/// Settings of execution and changes of a tenant, the objects of which have the same ids for every tenant.
enum TenantChanges {
  /// The states that there is a change in.
  static let states: [ChangeState] = [.verified, .applying, .claimed, .approved, .proposed]

  static func make(
    of account: AccountID, number: Int, in test: TestSystem
  ) async throws -> (batch: TimedID, changes: [ChangeState: TimedID]) {
    let settings = try ExecutionSettingsCoding.readChanges(Array(#"{"cooldown_minutes": \#(100 + number)}"#.utf8), .usd)
    _ = try await test.system.execution.update(account, by: .system, settings)
    let now = test.clock.now()
    return try await test.system.database.write { transaction in
      let log = ChangeLog(clock: { now })
      let repository = AdChangeRepository(.usd)
      var batch = ChangeBatch(
        id: log.newID(), madeAt: now, madeBy: "system", decisionID: nil, totalBudget: Int64(10_000 + number))
      batch.refusals = [RefusalRecord(object: "1", code: "no_budget", text: "noteof\(account)")]
      try repository.insert(batch, of: account, in: transaction)
      var changes: [ChangeState: TimedID] = [:]
      for (index, state) in states.enumerated() {
        let id = log.newID()
        let draft = try self.draft(id, batch, object: "\(70 + index)", budget: Int64(1_000 + number), at: now)
        try repository.insert(draft, of: account, in: transaction)
        try log.append(
          .proposed, to: id, of: account, by: "system", state: .proposed, detail: "noteof\(account)", in: transaction)
        try move(id, of: account, to: state, at: now, log.moves, in: transaction)
        changes[state] = id
      }
      return (batch.id, changes)
    }
  }

  static func draft(
    _ id: TimedID, _ batch: ChangeBatch, object: String, budget: Int64, at now: Instant
  ) throws -> AdChangeDraft {
    AdChangeDraft(
      id: id, batchID: batch.id, decisionID: nil, origin: .decision, object: try #require(ObjectID(object)),
      level: .adSet, name: nil, action: .setBudget(from: budget, to: budget + 1), rank: 2, reason: "test",
      effect: ExpectedEffect(spend: 1, revenue: nil), deliveryShare: .zero, learning: .unknown, ads: [],
      totalLimit: nil, proposedAt: now, proposedBy: batch.madeBy, expiresAt: now.adding(seconds: 86_400),
      rollbackOf: nil, stateReason: nil, notBefore: nil)
  }

  /// Moves a proposal to `state`.
  private static func move(
    _ id: TimedID, of account: AccountID, to state: ChangeState, at now: Instant, _ moves: AdChangeMovesRepository,
    in transaction: any Transaction
  ) throws {
    guard state != .proposed, try moves.approve(id, of: account, by: "cli:ada", at: now, in: transaction),
      state != .approved
    else { return }
    _ = try moves.claim(of: account, by: "test", at: now, until: now.adding(seconds: 60), in: transaction)
    guard state != .claimed else { return }
    let object = try #require(ObjectID("7"))
    let write = PastWrite(object: object, action: .pause, at: now)
    _ = try moves.intend(
      id, of: account, write, sendBy: now.adding(seconds: 1), settleAt: now.adding(seconds: 60), in: transaction)
    guard state == .verified else { return }
    _ = try moves.settle(
      id, of: account, as: .verified, wasWritten: true, because: nil, at: now, in: transaction)
  }
}
