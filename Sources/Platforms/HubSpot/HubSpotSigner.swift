import Values

/// Whose client secret signed an event, and so for which accounts it speaks.
enum HubSpotSigner: Hashable, Sendable {
  /// The app that serves all accounts.
  case everyAccount
  /// An app of that account's own.
  case account(AccountID)

  /// The signer of a secret that speaks for one account, or for all where it is nil.
  init(_ account: AccountID?) {
    self = account.map { .account($0) } ?? .everyAccount
  }

  /// Reads ``text``. Returns nil where it is no signer.
  init?(text: String) {
    if text.isEmpty {
      self = .everyAccount
    } else if let account = AccountID(text) {
      self = .account(account)
    } else {
      return nil
    }
  }

  /// As it is stored.
  var text: String {
    switch self {
    case .everyAccount: ""
    case .account(let account): account.value
    }
  }

  /// Whether the events that it signed may join the account's.
  func speaks(for account: AccountID) -> Bool {
    self == .everyAccount || self == .account(account)
  }
}
