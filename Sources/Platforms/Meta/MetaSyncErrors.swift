import Values

/// Why nothing is read from an ad account, although Meta would answer.
package enum MetaSyncRefusal: Error, Equatable, Sendable, CustomStringConvertible {
  /// The account has no connection.
  case notConnected(AccountID)
  /// Its connection was changed or ended meanwhile.
  case changed
  /// Its currency or time zone differs from the account's; the text says what to do.
  case mismatch(String)
  /// The ad account is connected with another account.
  case taken(String)

  package var description: String {
    switch self {
    case .notConnected(let account):
      "account \(account) is not connected with Meta: set META_ACCESS_TOKEN, then geminivideo meta connect --account "
        + "\(account) --ad-account act_NUMBER"
    case .changed: "the account's connection with Meta was changed meanwhile: the next sync uses the new one"
    case .mismatch(let text), .taken(let text): text
    }
  }
}
