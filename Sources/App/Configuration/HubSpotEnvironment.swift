import Platforms
import RemoteAPIs

/// The environment's settings for HubSpot.
package enum HubSpotEnvironment {
  /// Throws a ``SettingError`` that names the invalid variable, but never its value.
  package static func settings(_ environment: [String: String]) throws(SettingError) -> HubSpotSettings {
    let reader = EnvironmentReader(environment)
    var settings = HubSpotSettings()
    settings.webhookURL = try publicURL(reader.text("HUBSPOT_WEBHOOK_URL"))
    settings.secrets = try reader.secrets("HUBSPOT_CLIENT_SECRET")
    settings.accountSecrets = try reader.secretsByAccount("HUBSPOT_CLIENT_SECRETS")
    settings.acceptsV1 = try reader.flag("HUBSPOT_ACCEPT_SIGNATURE_V1")
    settings.token = try reader.secret("HUBSPOT_ACCESS_TOKEN")
    settings.accountTokens = try reader.secretByAccount("HUBSPOT_ACCESS_TOKENS")
    settings.waitingLimit = try reader.count("HUBSPOT_WAITING_EVENTS", 0...1_000_000) ?? settings.waitingLimit
    settings.waitingDays = try reader.count("HUBSPOT_WAITING_DAYS", 1...365) ?? settings.waitingDays
    if let url = reader.text("HUBSPOT_API_URL") { settings.apiURL = url }
    return settings
  }

  private static func publicURL(_ text: String?) throws(SettingError) -> String? {
    guard let text, !HubSpotSignatureCheck.isUsable(publicURL: text) else { return text }
    throw SettingError(name: "HUBSPOT_WEBHOOK_URL", value: text, rule: HubSpotSignatureCheck.publicURLRule)
  }
}
