import Accounts
import Storage
import Values

extension DecisionService {
  /// Removes up to `limit` decisions, over all accounts, that their account's ``DecisionRetention`` no longer keeps,
  /// and the snapshots that only they are read from, and returns how many. What the audit needs of each one stays:
  /// when, policy, configuration, seed and total, and a hash of the result.
  package func removeExpired(limit: Int) async throws -> Int {
    let now = clock()
    let expired = try await database.read { [repository, accounts] transaction in
      var expired: [DecisionID] = []
      for (account, retention) in try accounts.decisionRetentions(in: transaction)
      where expired.count < limit {
        expired += try repository.expired(
          of: account, retention, at: now, limit: limit - expired.count, in: transaction)
      }
      return expired
    }
    for id in expired {
      // One at a time: the inputs of a decision may be megabytes.
      try await database.write { [repository, snapshots] transaction in
        try repository.remove(id, at: now, in: transaction)
        try snapshots.removeUnneeded(of: id.accountID, in: transaction)
      }
    }
    return expired.count
  }

  /// Deletes what remains of decisions made ten years ago or earlier, at most `limit`, and returns how many.
  package func forgetRemoved(limit: Int) async throws -> Int {
    let end = clock().adding(seconds: -86_400 * 3_650)
    return try await database.write { [repository] in
      try repository.forgetRemoved(before: end, limit: limit, in: $0)
    }
  }
}
