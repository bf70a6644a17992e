import Jobs
import Values
import Web

/// Why something cannot be done for an account, or to it.
package enum AccountError: FeatureError, Equatable {
  /// There is no account with this name.
  case unknown(AccountID)
  /// An account with this name exists already.
  case exists(AccountID)
  /// The account was deleted while work was done for it; another account may have its name now.
  case gone(AccountID)
  /// Other writes of the account keep running, and it cannot be deleted meanwhile.
  case busy(AccountID, detail: String)
  /// The database's role is not allowed to delete accounts.
  case roleMayNotDelete
  /// Rows of the account cannot be removed from a table.
  case rowsLeft(AccountID, table: String)

  package var code: String {
    switch self {
    case .unknown: "not_found"
    case .exists: "account_exists"
    case .gone: "account_gone"
    case .busy: "account_busy"
    case .roleMayNotDelete: "role_may_not_delete"
    case .rowsLeft: "rows_left"
    }
  }

  package var description: String {
    switch self {
    case .unknown(let account): "account \(account) does not exist"
    case .exists(let account): "account \(account) exists already"
    case .gone(let account): "account \(account) was deleted meanwhile"
    case .busy(let account, let detail):
      """
      nothing was removed: other writes of account \(account), such as an import or its jobs, do not end (\(detail)). \
      Disable the account, wait for what runs, and delete it again
      """
    case .roleMayNotDelete:
      "the database's role may not delete accounts: run this as the role that owns the tables"
    case .rowsLeft(let account, let table): "rows of account \(account) in \(table) cannot be removed"
    }
  }

  package var verdict: JobVerdict {
    switch self {
    case .busy: .retry(class: code)
    case .unknown, .exists, .gone, .roleMayNotDelete, .rowsLeft: .discard(class: code, reason: description)
    }
  }
}
