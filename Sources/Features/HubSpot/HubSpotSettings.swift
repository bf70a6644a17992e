import RemoteAPIs
import Values

/// What the process was given to talk with HubSpot.
public struct HubSpotSettings: Sendable {
  /// The target address of the webhook as HubSpot knows it; nil where no webhook is taken.
  public var webhookURL: String?
  /// Client secrets of the app that serves all accounts: one, or two while one is replaced.
  public var secrets: [Secret] = []
  /// Client secrets of apps that serve one account.
  public var accountSecrets: [AccountID: [Secret]] = [:]
  /// Whether requests that are signed by v1 alone are taken, which binds neither address nor time.
  public var acceptsV1 = false
  /// The access token of the one HubSpot account that is connected.
  public var token: Secret?
  /// Access tokens by account, where there are several.
  public var accountTokens: [AccountID: Secret] = [:]
  /// How many events may wait for one portal to be mapped.
  public var waitingLimit = 10_000
  /// How many days events wait for their portal to be mapped.
  public var waitingDays = 14
  /// Where HubSpot's API is.
  public var apiURL = "https://api.hubapi.com"

  /// Nothing is known.
  public init() {}

  /// All secrets, those that serve all accounts first; each with the one account it speaks for, if it does for one.
  var signers: [(secret: Secret, account: AccountID?)] {
    secrets.map { ($0, nil) }
      + accountSecrets.sorted { $0.key < $1.key }.flatMap { account, secrets in secrets.map { ($0, account) } }
  }
}
