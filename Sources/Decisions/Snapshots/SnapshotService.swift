import Storage
import Values
import Web

/// Stores what decisions are based on, once for all decisions on the same figures.
struct SnapshotService: Sendable {
  private let database: any Database
  private let compute: ComputeGate
  private let repository = SnapshotRepository()

  init(database: any Database, compute: ComputeGate) {
    self.database = database
    self.compute = compute
  }

  /// Prepares a snapshot to be stored: nil where the same one is stored already. Throws
  /// ``DecisionError/tooManyFigures(_:)`` where it contains more figures than can be stored.
  func draft(
    _ hashed: HashedSnapshot, _ policy: Policy, of account: AccountID, isBounded: Bool
  ) async throws -> SnapshotDraft? {
    let chain = try await database.read { [repository] transaction -> [SnapshotRow]? in
      guard try repository.number(of: hashed.sha256, policy, account: account, in: transaction) == nil else {
        return nil
      }
      return try repository.latest(policy, of: account, in: transaction).map {
        try repository.chain(endingWith: $0, of: account, in: transaction)
      } ?? []
    }
    guard let chain else { return nil }
    return try await compute.run(of: account, .snapshot(chain, hashed), isBounded: isBounded) {
      do {
        return try SnapshotDraft(hashed, after: chain)
      } catch let problem as SnapshotProblem {
        throw DecisionError.tooManyFigures("\(problem)")
      }
    }
  }

  /// Stores a snapshot, unless it is stored already, and returns its number. The base that `draft` was made for may
  /// have been removed since: then the complete snapshot is stored.
  func keep(
    _ hashed: HashedSnapshot, _ draft: SnapshotDraft?, _ policy: Policy, of account: AccountID,
    in transaction: any Transaction
  ) throws -> Int {
    if let number = try repository.number(of: hashed.sha256, policy, account: account, in: transaction) {
      return number
    }
    if let draft, try draft.base.map({ try repository.exists($0.number, of: account, in: transaction) }) ?? true {
      return try repository.insert(draft, policy, of: account, in: transaction)
    }
    return try repository.insert(SnapshotDraft(whole: hashed), policy, of: account, in: transaction)
  }

  /// The rows needed to read a snapshot, oldest first.
  func chain(
    endingWith number: Int, of account: AccountID, in transaction: any Transaction
  ) throws -> [SnapshotRow] {
    try repository.chain(endingWith: number, of: account, in: transaction)
  }

  /// Removes the snapshots that the account's decisions no longer need.
  func removeUnneeded(of account: AccountID, in transaction: any Transaction) throws {
    try repository.removeUnneeded(of: account, in: transaction)
  }
}

extension ComputeCost {
  /// The cost of reading a snapshot from `chain`.
  static func reading(_ chain: [SnapshotRow]) -> ComputeCost {
    ComputeCost(microseconds: bytes(chain) / 20)
  }

  /// The cost of writing a snapshot based on `chain`.
  static func snapshot(_ chain: [SnapshotRow], _ hashed: HashedSnapshot) -> ComputeCost {
    ComputeCost(microseconds: (bytes(chain) + hashed.byteCount) / 20)
  }

  private static func bytes(_ chain: [SnapshotRow]) -> Int {
    chain.reduce(0) { $0 + $1.content.count }
  }
}
