import Values

/// Whose client secret signed an event, which determines the accounts for which the signature is valid.
enum HubSpotSigner: Hashable, Sendable {
  /// The app that serves all accounts.
  case everyAccount
  /// An app of this account only.
  case account(AccountID)

  /// The signer for a secret of one account, or of all accounts for nil.
  init(_ account: AccountID?) {
    self = account.map { .account($0) } ?? .everyAccount
  }

  /// Parses ``text``. Returns nil where it is not a signer.
  init?(text: String) {
    if text.isEmpty {
      self = .everyAccount
    } else if let account = AccountID(text) {
      self = .account(account)
    } else {
      return nil
    }
  }

  /// The stored form.
  var text: String {
    switch self {
    case .everyAccount: ""
    case .account(let account): account.value
    }
  }

  /// Whether events that it signed are valid for the account.
  func speaks(for account: AccountID) -> Bool {
    self == .everyAccount || self == .account(account)
  }
}
