import RemoteAPIs
import Values

/// What the process was given to talk with Meta.
package struct MetaSettings: Sendable {
  /// Where the Graph API is, and its version.
  package var api = MetaAPISettings()
  /// The secret of the app that the tokens below were made for; calls with them then prove that they come from it.
  package var appSecret: Secret?
  /// The token of whoever runs this process, which may open several ad accounts.
  package var token: Secret?
  /// Tokens that serve one account alone.
  package var accountTokens: [AccountID: Secret] = [:]
  /// The ad account that is meant where a command names none.
  package var adAccount: MetaAdAccountID?
  /// Seals the tokens that accounts give; nil where none can be kept.
  package var secretBox: SecretBox?

  /// Nothing is known.
  package init() {}
}
