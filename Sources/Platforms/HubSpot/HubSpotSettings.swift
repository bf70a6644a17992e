import RemoteAPIs
import Values

/// The process's settings for HubSpot.
package struct HubSpotSettings: Sendable {
  /// The webhook's target address as configured in HubSpot; nil where no webhooks are accepted.
  package var webhookURL: String?
  /// Client secrets of the app for all accounts: one, or two while one is being replaced.
  package var secrets: [Secret] = []
  /// Client secrets of apps for a single account.
  package var accountSecrets: [AccountID: [Secret]] = [:]
  /// Whether requests signed only with v1, which covers neither address nor time, are accepted.
  package var acceptsV1 = false
  /// The access token of the only connected HubSpot account.
  package var token: Secret?
  /// Access tokens by account, where there are several.
  package var accountTokens: [AccountID: Secret] = [:]
  /// The most events that may wait for one portal to be mapped.
  package var waitingLimit = 10_000
  /// For how many days events wait for their portal to be mapped.
  package var waitingDays = 14
  /// The base address of HubSpot's API.
  package var apiURL = "https://api.hubapi.com"

  package init() {}

  /// All secrets, those for all accounts first; each with its account where it is for a single one.
  var signers: [(secret: Secret, account: AccountID?)] {
    secrets.map { ($0, nil) }
      + accountSecrets.sorted { $0.key < $1.key }.flatMap { account, secrets in secrets.map { ($0, account) } }
  }
}
