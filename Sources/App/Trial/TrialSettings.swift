import Execution
import Platforms
import RemoteAPIs
import Sandbox
import Values

/// What a trial is made of.
package struct TrialSettings: Sendable {
  /// The account that is made.
  package let account: AccountID
  /// How many days of the made-up world pass, 1 to 1,000.
  package var days = 60
  /// How many of them pass in a minute at most.
  package var daysPerMinute = 30.0
  /// How far the product goes by itself.
  package var mode = ExecutionMode.automatic
  /// The address and the port that the product serves at.
  package var host = "127.0.0.1"
  package var port = 8080
  /// The world, its faults included.
  package var sandbox: SandboxSettings

  /// The world's webhooks come to the product, by the world's clock; its time passes step by step.
  package init(_ account: AccountID, _ world: WorldSettings) {
    self.account = account
    sandbox = SandboxSettings(world)
    // Between two steps the world's clock runs as the wall's: what is to leave within half a second then can.
    sandbox.daysPerMinute = 1.0 / 1_440
  }

  /// The address that HubSpot sends its webhooks to.
  var webhookURL: String { "http://\(host):\(port)/webhooks/hubspot" }

  /// What the product knows of Meta, which the world serves at `url`.
  func meta(at url: String) -> MetaSettings {
    var settings = MetaSettings()
    settings.api.baseURL = url
    settings.token = sandbox.credentials.accessToken
    settings.appSecret = sandbox.credentials.appSecret
    return settings
  }

  /// What the product knows of HubSpot, which the world serves at `url`.
  func hubSpot(at url: String) -> HubSpotSettings {
    var settings = HubSpotSettings()
    settings.apiURL = url
    settings.webhookURL = webhookURL
    settings.secrets = [sandbox.credentials.clientSecret]
    settings.token = sandbox.credentials.hubSpotToken
    return settings
  }
}
