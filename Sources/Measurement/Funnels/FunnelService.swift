import DecisionEngine
import Storage
import Values

/// Keeps the counts of what became of an account's deals, deal by deal, in the deals' own transactions.
struct FunnelService: Sendable {
  private let repository = FunnelRepository()

  /// Whether the stored counts are of the account's present stages; where not, they are to be rebuilt.
  func isCurrent(_ map: FunnelMap, of account: AccountID, in transaction: any Transaction) throws -> Bool {
    try repository.signature(of: account, in: transaction) == map.signature
  }

  /// Takes a deal's old way out of the counts and its new way in.
  func replace(
    _ before: DealPath, by after: DealPath, _ map: FunnelMap, of account: AccountID, in transaction: any Transaction
  ) throws {
    var change = FunnelTallies(funnel: map.funnel)
    change.count(before, -1)
    change.count(after, 1)
    try repository.add(change, of: account, in: transaction)
  }

  /// Stores `tallies` in place of all counts of the account.
  func rebuild(
    _ tallies: FunnelTallies, _ map: FunnelMap, of account: AccountID, in transaction: any Transaction
  ) throws {
    try repository.clear(account, signature: map.signature, in: transaction)
    try repository.add(tallies, of: account, in: transaction)
  }

  /// The counts as they are stored, without ads' daily figures.
  func tallies(
    of account: AccountID, _ map: FunnelMap, in transaction: any Transaction
  ) throws -> FunnelTallies {
    try repository.tallies(of: account, map.funnel, in: transaction)
  }
}
