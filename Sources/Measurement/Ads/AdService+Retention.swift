import Accounts
import Storage
import Values

extension AdService {
  /// Removes up to `limit` imports, over all accounts, that no stored figure comes from any more and that are older
  /// than 30 days or not among their account's latest 10,000; returns how many.
  package func removeImports(limit: Int) async throws -> Int {
    let start = clock().adding(seconds: -30 * 86_400)
    return try await remove(limit: limit) { [repository] account, left, transaction in
      try repository.removeImports(of: account, before: start, keeping: 10_000, limit: left, in: transaction)
    }
  }

  /// Removes up to `limit` statements about ads' delivery, over all accounts, that were replaced 400 days ago or
  /// earlier; returns how many. Those that were valid on a day since then stay, for decisions as of that day.
  package func removeReplacedDelivery(limit: Int) async throws -> Int {
    let start = clock().adding(seconds: -400 * 86_400)
    return try await remove(limit: limit) { [deliveries] account, left, transaction in
      try deliveries.removeReplaced(of: account, before: start, limit: left, in: transaction)
    }
  }

  private func remove(
    limit: Int, _ remove: @escaping @Sendable (AccountID, Int, any Transaction) throws -> Int
  ) async throws -> Int {
    var removed = 0
    for account in try await accounts.all().map(\.id) where removed < limit {
      let left = limit - removed
      removed += try await database.write { try remove(account, left, $0) }
    }
    return removed
  }
}
