import Storage
import Values

/// Something of which an account may be allowed only a limited number. The feature that stores it counts it.
package struct Quota: Sendable {
  /// The range of limits.
  package static let range = 1...1_000_000_000

  /// Its name in the database, in the API and in commands, such as `waiting_jobs`: 1 to 64 characters.
  package let name: String
  /// What is counted, such as `Ads that have figures`.
  package let subject: String
  /// Whole seconds after which there may be room again without anybody acting; nil where there will be none.
  package let retryAfter: Int?
  /// How many the account has, as seen by a transaction.
  package let count: @Sendable (_ account: AccountID, _ transaction: any Transaction) throws -> Int
  /// What an account with a limit may do, such as `have 3 ads`.
  package let allowance: @Sendable (_ limit: Int) -> String

  package init(
    _ name: String, _ subject: String, allowance: @escaping @Sendable (_ limit: Int) -> String, retryAfter: Int? = nil,
    count: @escaping @Sendable (_ account: AccountID, _ transaction: any Transaction) throws -> Int
  ) {
    self.name = name
    self.subject = subject
    self.retryAfter = retryAfter
    self.count = count
    self.allowance = allowance
  }
}
