import RemoteAPIs
import Values

/// The process's settings for Meta.
package struct MetaSettings: Sendable {
  /// Where the Graph API is, and its version.
  package var api = MetaAPISettings()
  /// The secret of the app that the tokens below were issued for; calls with them then prove that they come from it.
  package var appSecret: Secret?
  /// The token of this process's operator, which may open several ad accounts.
  package var token: Secret?
  /// Tokens for a single account.
  package var accountTokens: [AccountID: Secret] = [:]
  /// The default ad account of commands.
  package var adAccount: MetaAdAccountID?
  /// Seals the tokens that accounts provide; nil where none can be stored.
  package var secretBox: SecretBox?

  package init() {}
}
