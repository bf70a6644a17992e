import Platforms
import RemoteAPIs

/// The environment's settings for Meta.
package enum MetaEnvironment {
  /// Throws a ``SettingError`` that names the invalid variable, but never a secret.
  package static func settings(_ environment: [String: String]) throws(SettingError) -> MetaSettings {
    let reader = EnvironmentReader(environment)
    var settings = MetaSettings()
    settings.token = try reader.secret("META_ACCESS_TOKEN")
    settings.accountTokens = try reader.secretByAccount("META_ACCESS_TOKENS")
    settings.appSecret = try reader.secret("META_APP_SECRET")
    settings.adAccount = try adAccount(reader)
    settings.secretBox = try secretBox(reader)
    if let url = reader.text("META_GRAPH_URL") { settings.api.baseURL = try address(url) }
    if let version = reader.text("META_API_VERSION") {
      guard MetaAPISettings.isVersion(version) else {
        throw SettingError(name: "META_API_VERSION", value: version, rule: MetaAPISettings.versionRule)
      }
      settings.api.version = version
    }
    return settings
  }

  private static func adAccount(_ reader: EnvironmentReader) throws(SettingError) -> MetaAdAccountID? {
    for name in ["META_AD_ACCOUNT_ID", "DEFAULT_AD_ACCOUNT_ID"] {
      guard let text = reader.text(name) else { continue }
      guard let adAccount = MetaAdAccountID(text) else {
        throw SettingError(name: name, value: text, rule: MetaAdAccountID.rule)
      }
      return adAccount
    }
    return nil
  }

  private static func secretBox(_ reader: EnvironmentReader) throws(SettingError) -> SecretBox? {
    guard let key = try reader.secret("GEMINIVIDEO_SECRET_KEY") else { return nil }
    guard let box = SecretBox(key: key) else {
      throw SettingError(name: "GEMINIVIDEO_SECRET_KEY", value: "not shown", rule: SecretBox.keyRule)
    }
    return box
  }

  private static func address(_ url: String) throws(SettingError) -> String {
    let isUsable = ["https://", "http://"].contains { url.hasPrefix($0) } && !url.contains { "?# ".contains($0) }
    guard isUsable, !url.hasSuffix("/") else {
      throw SettingError(
        name: "META_GRAPH_URL", value: url,
        rule: "must begin with http:// or https:// and have no query, fragment, blank or trailing slash")
    }
    return url
  }
}
