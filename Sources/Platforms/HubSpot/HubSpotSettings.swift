import RemoteAPIs
import Values

/// What the process was given to talk with HubSpot.
package struct HubSpotSettings: Sendable {
  /// The target address of the webhook as HubSpot knows it; nil where no webhook is taken.
  package var webhookURL: String?
  /// Client secrets of the app that serves all accounts: one, or two while one is replaced.
  package var secrets: [Secret] = []
  /// Client secrets of apps that serve one account.
  package var accountSecrets: [AccountID: [Secret]] = [:]
  /// Whether requests that are signed by v1 alone are taken, which binds neither address nor time.
  package var acceptsV1 = false
  /// The access token of the one HubSpot account that is connected.
  package var token: Secret?
  /// Access tokens by account, where there are several.
  package var accountTokens: [AccountID: Secret] = [:]
  /// How many events may wait for one portal to be mapped.
  package var waitingLimit = 10_000
  /// How many days events wait for their portal to be mapped.
  package var waitingDays = 14
  /// Where HubSpot's API is.
  package var apiURL = "https://api.hubapi.com"

  /// Nothing is known.
  package init() {}

  /// All secrets, those that serve all accounts first; each with the one account it speaks for, if it does for one.
  var signers: [(secret: Secret, account: AccountID?)] {
    secrets.map { ($0, nil) }
      + accountSecrets.sorted { $0.key < $1.key }.flatMap { account, secrets in secrets.map { ($0, account) } }
  }
}
