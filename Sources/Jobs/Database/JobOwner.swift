import Storage
import Values

/// The owner of a job as the column `account_id` of the job tables stores it. Key columns are never null, so a job of
/// no account has a text there that is not a valid account id. Work in the scope of one account never sees such a job.
struct JobOwner: Hashable, Comparable, CustomStringConvertible, SQLEncodable, SQLDecodable {
  /// Nil for a job of no account.
  let accountID: AccountID?

  private static let none = "-"

  init(_ accountID: AccountID?) {
    self.accountID = accountID
  }

  init?(sqlValue: SQLValue) {
    guard case .text(let text) = sqlValue, text == Self.none || AccountID(text) != nil else { return nil }
    accountID = AccountID(text)
  }

  var sqlValue: SQLValue { .text(description) }

  var description: String { accountID?.value ?? Self.none }

  static func < (left: JobOwner, right: JobOwner) -> Bool { left.description < right.description }
}

extension Lease {
  var owner: JobOwner { JobOwner(accountID) }
}

extension JobDraft {
  var owner: JobOwner { JobOwner(accountID) }
}
