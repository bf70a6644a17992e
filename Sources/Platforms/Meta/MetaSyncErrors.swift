import Values

/// Why nothing is read of an ad account, though Meta would answer.
package enum MetaSyncRefusal: Error, Equatable, Sendable, CustomStringConvertible {
  /// The account has no connection.
  case notConnected(AccountID)
  /// It was tied to another ad account, or to none, meanwhile.
  case changed
  /// Its currency or time zone is not the account's; the text says what to do.
  case mismatch(String)
  /// Another account has the ad account.
  case taken(String)

  package var description: String {
    switch self {
    case .notConnected(let account):
      "account \(account) is not connected with Meta: set META_ACCESS_TOKEN, then geminivideo meta connect --account "
        + "\(account) --ad-account act_NUMBER"
    case .changed: "the account's connection with Meta was changed meanwhile: the next sync goes by the new one"
    case .mismatch(let text), .taken(let text): text
    }
  }
}
