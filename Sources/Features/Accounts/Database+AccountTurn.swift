import Database
import Values

extension Database {
  /// Runs `body` in a transaction when those before it that change the account's ads, deals, credits or configuration
  /// have ended, in whatever process.
  ///
  /// Each of them changes sums that the others change too: side by side they would take each other back again and again.
  func write<Result: Sendable>(
    inTurnOf account: AccountID, _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    try await write(inTurnOf: account.value, body)
  }
}
