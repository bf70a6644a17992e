import Accounts
import Storage
import Values

extension AdService {
  /// Removes up to `limit` imports, over all accounts, that no figure comes from any more and that are older than 30
  /// days or not among their account's latest 10,000; returns how many.
  package func removeImports(limit: Int) async throws -> Int {
    let start = clock().adding(seconds: -30 * 86_400)
    var removed = 0
    for account in try await accounts.all().map(\.id) where removed < limit {
      let left = limit - removed
      removed += try await database.write { [repository] transaction in
        try repository.removeImports(of: account, before: start, keeping: 10_000, limit: left, in: transaction)
      }
    }
    return removed
  }
}
