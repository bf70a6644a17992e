import DecisionEngine
import Storage
import Values

/// Maintains the funnel counts of an account deal by deal, in the deals' own transactions.
struct FunnelService: Sendable {
  private let repository = FunnelRepository()

  /// Whether the stored counts match the account's current stages; otherwise they must be rebuilt.
  func isCurrent(_ map: FunnelMap, of account: AccountID, in transaction: any Transaction) throws -> Bool {
    try repository.signature(of: account, in: transaction) == map.signature
  }

  /// Subtracts a deal's old path from the counts and adds its new one.
  func replace(
    _ before: DealPath, by after: DealPath, _ map: FunnelMap, of account: AccountID, in transaction: any Transaction
  ) throws {
    var change = FunnelTallies(funnel: map.funnel)
    change.count(before, -1)
    change.count(after, 1)
    try repository.add(change, of: account, in: transaction)
  }

  /// Replaces all counts of the account by `tallies`.
  func rebuild(
    _ tallies: FunnelTallies, _ map: FunnelMap, of account: AccountID, in transaction: any Transaction
  ) throws {
    try repository.clear(account, signature: map.signature, in: transaction)
    try repository.add(tallies, of: account, in: transaction)
  }

  /// The stored counts, without ads' daily figures.
  func tallies(
    of account: AccountID, _ map: FunnelMap, in transaction: any Transaction
  ) throws -> FunnelTallies {
    try repository.tallies(of: account, map.funnel, in: transaction)
  }
}
