import Features
import Formats
import RemoteAPIs
import Values

/// What the environment says of HubSpot.
enum HubSpotEnvironment {
  /// Reads the settings. Throws a ``SettingError`` that names the variable at fault, but never its value.
  static func settings(_ environment: [String: String]) throws(SettingError) -> HubSpotSettings {
    var settings = HubSpotSettings()
    settings.webhookURL = filled(environment["HUBSPOT_WEBHOOK_URL"])
    settings.secrets = list(environment["HUBSPOT_CLIENT_SECRET"])
    settings.accountSecrets = try byAccount("HUBSPOT_CLIENT_SECRETS", environment).mapValues(list)
    settings.acceptsV1 = try flag("HUBSPOT_ACCEPT_SIGNATURE_V1", environment)
    settings.token = filled(environment["HUBSPOT_ACCESS_TOKEN"]).map(Secret.init)
    settings.accountTokens = try byAccount("HUBSPOT_ACCESS_TOKENS", environment).mapValues(Secret.init)
    settings.waitingLimit = try count("HUBSPOT_WAITING_EVENTS", 0...1_000_000, environment) ?? settings.waitingLimit
    settings.waitingDays = try count("HUBSPOT_WAITING_DAYS", 1...365, environment) ?? settings.waitingDays
    if let url = filled(environment["HUBSPOT_API_URL"]) { settings.apiURL = url }
    return settings
  }

  private static func filled(_ text: String?) -> String? {
    text.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// One secret, or several parted by commas while one is replaced.
  private static func list(_ text: String?) -> [Secret] {
    (text ?? "").split(separator: ",").map { Secret(String($0)) }
  }

  private static func count(
    _ name: String, _ range: ClosedRange<Int>, _ environment: [String: String]
  ) throws(SettingError) -> Int? {
    guard let text = filled(environment[name]) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw SettingError(
        name: name, value: text, rule: "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  private static func flag(_ name: String, _ environment: [String: String]) throws(SettingError) -> Bool {
    switch filled(environment[name]) {
    case nil, "0"?, "false"?: return false
    case "1"?, "true"?: return true
    case let text?: throw SettingError(name: name, value: text, rule: "must be true or false")
    }
  }

  /// A JSON object of a text for each account.
  private static func byAccount(
    _ name: String, _ environment: [String: String]
  ) throws(SettingError) -> [AccountID: String] {
    guard let text = filled(environment[name]) else { return [:] }
    let rule = #"must be a JSON object such as {"acme": "…"} of accounts and their texts"#
    guard let json = try? JSONReader.read(text, { try $0.readValue() }), case .object(let object) = json else {
      throw SettingError(name: name, value: "not shown", rule: rule)
    }
    var texts: [AccountID: String] = [:]
    for member in object.members {
      guard let account = AccountID(member.key), let value = member.value.stringValue, !value.isEmpty else {
        throw SettingError(name: name, value: "not shown", rule: rule)
      }
      texts[account] = value
    }
    return texts
  }
}
