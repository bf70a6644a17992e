import Formats
import Foundation
import Platforms
import RemoteAPIs
import Values

/// What the environment says of HubSpot. Blanks around values, and around the commas between secrets, are left out.
enum HubSpotEnvironment {
  /// Reads the settings. Throws a ``SettingError`` that names the variable at fault, but never its value.
  static func settings(_ environment: [String: String]) throws(SettingError) -> HubSpotSettings {
    var settings = HubSpotSettings()
    settings.webhookURL = try publicURL(filled(environment["HUBSPOT_WEBHOOK_URL"]))
    settings.secrets = try secrets(environment["HUBSPOT_CLIENT_SECRET"] ?? "", of: "HUBSPOT_CLIENT_SECRET")
    for (account, text) in try byAccount("HUBSPOT_CLIENT_SECRETS", environment) {
      settings.accountSecrets[account] = try secrets(text, of: "HUBSPOT_CLIENT_SECRETS")
    }
    settings.acceptsV1 = try flag("HUBSPOT_ACCEPT_SIGNATURE_V1", environment)
    settings.token = try filled(environment["HUBSPOT_ACCESS_TOKEN"]).map { text throws(SettingError) in
      try secret(text, of: "HUBSPOT_ACCESS_TOKEN")
    }
    for (account, text) in try byAccount("HUBSPOT_ACCESS_TOKENS", environment) {
      settings.accountTokens[account] = try secret(text, of: "HUBSPOT_ACCESS_TOKENS")
    }
    settings.waitingLimit = try count("HUBSPOT_WAITING_EVENTS", 0...1_000_000, environment) ?? settings.waitingLimit
    settings.waitingDays = try count("HUBSPOT_WAITING_DAYS", 1...365, environment) ?? settings.waitingDays
    if let url = filled(environment["HUBSPOT_API_URL"]) { settings.apiURL = url }
    return settings
  }

  private static func filled(_ text: String?) -> String? {
    let trimmed = text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    return trimmed.isEmpty ? nil : trimmed
  }

  private static func publicURL(_ text: String?) throws(SettingError) -> String? {
    guard let text, !HubSpotSignatureCheck.isUsable(publicURL: text) else { return text }
    throw SettingError(name: "HUBSPOT_WEBHOOK_URL", value: text, rule: HubSpotSignatureCheck.publicURLRule)
  }

  /// One secret, or several separated by commas while one is replaced.
  private static func secrets(_ text: String, of name: String) throws(SettingError) -> [Secret] {
    var secrets: [Secret] = []
    for part in text.split(separator: ",") {
      guard let part = filled(String(part)) else { continue }
      secrets.append(try secret(part, of: name))
    }
    return secrets
  }

  private static func secret(_ text: String, of name: String) throws(SettingError) -> Secret {
    let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !trimmed.isEmpty, trimmed.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw SettingError(
        name: name, value: "not shown", rule: "must be printable ASCII without blanks; several are separated by commas")
    }
    return Secret(trimmed)
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
