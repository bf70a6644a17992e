import Storage
import Values

/// Whose a job is, as the column `account_id` of jobs' tables has it: a column of their keys is never null, so a job of no
/// account has a text there that no account can have for a name. What sees one account's rows alone sees no such job.
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
