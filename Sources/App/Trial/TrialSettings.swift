import Execution
import Platforms
import RemoteAPIs
import Sandbox
import Values

package struct TrialSettings: Sendable {
  /// The account to create.
  package let account: AccountID
  /// How many days of the simulated world pass, 1 to 1,000.
  package var days = 60
  /// The most days that pass in a minute.
  package var daysPerMinute = 30.0
  /// How far the product may act on its own.
  package var mode = ExecutionMode.automatic
  /// The address and the port that the product serves at.
  package var host = "127.0.0.1"
  package var port = 8080
  /// The world, including its faults.
  package var sandbox: SandboxSettings

  /// The world's webhooks are sent to the product, signed by the world's clock; its time passes step by step.
  package init(_ account: AccountID, _ world: WorldSettings) {
    self.account = account
    sandbox = SandboxSettings(world)
    // Between two steps the world's clock runs like the real one, so that calls which must be sent within half a second
    // can be.
    sandbox.daysPerMinute = 1.0 / 1_440
  }

  /// The address that HubSpot sends its webhooks to.
  var webhookURL: String { "http://\(host):\(port)/webhooks/hubspot" }

  /// The product's settings for Meta, which the world serves at `url`.
  func meta(at url: String) -> MetaSettings {
    var settings = MetaSettings()
    settings.api.baseURL = url
    settings.token = sandbox.credentials.accessToken
    settings.appSecret = sandbox.credentials.appSecret
    return settings
  }

  /// The product's settings for HubSpot, which the world serves at `url`.
  func hubSpot(at url: String) -> HubSpotSettings {
    var settings = HubSpotSettings()
    settings.apiURL = url
    settings.webhookURL = webhookURL
    settings.secrets = [sandbox.credentials.clientSecret]
    settings.token = sandbox.credentials.hubSpotToken
    return settings
  }
}
