import Jobs
import Values
import Web

/// Why something is not done for an account, or to it.
package enum AccountError: FeatureError, Equatable {
  /// There is no account of this name.
  case unknown(AccountID)
  /// There is an account of this name already.
  case exists(AccountID)
  /// The account that work was begun for was deleted meanwhile; another may have its name.
  case gone(AccountID)
  /// Other writes of the account do not end, and it cannot be deleted while they run.
  case busy(AccountID, detail: String)
  /// The database's role may not delete accounts.
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
    case .gone(let account): "account \(account) was deleted while work was done for it"
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
