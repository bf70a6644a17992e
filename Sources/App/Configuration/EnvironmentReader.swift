import Formats
import Foundation
import RemoteAPIs
import Values

/// Reads settings from the environment. Spaces around values, and around the commas between secrets, are ignored.
///
/// Each function throws a ``SettingError`` that names the invalid variable, but never a secret.
struct EnvironmentReader {
  private let environment: [String: String]

  init(_ environment: [String: String]) {
    self.environment = environment
  }

  /// The text; nil where the variable is missing or blank.
  func text(_ name: String) -> String? {
    Self.filled(environment[name] ?? "")
  }

  /// One secret; nil where the variable is missing or blank.
  func secret(_ name: String) throws(SettingError) -> Secret? {
    guard let text = text(name) else { return nil }
    return try Self.secret(text, of: name)
  }

  /// One secret, or several separated by commas while one is being replaced.
  func secrets(_ name: String) throws(SettingError) -> [Secret] {
    try Self.secrets(environment[name] ?? "", of: name)
  }

  /// A secret for each account, from a JSON object.
  func secretByAccount(_ name: String) throws(SettingError) -> [AccountID: Secret] {
    var secrets: [AccountID: Secret] = [:]
    for (account, text) in try byAccount(name) { secrets[account] = try Self.secret(text, of: name) }
    return secrets
  }

  /// One secret, or several, for each account, from a JSON object.
  func secretsByAccount(_ name: String) throws(SettingError) -> [AccountID: [Secret]] {
    var secrets: [AccountID: [Secret]] = [:]
    for (account, text) in try byAccount(name) { secrets[account] = try Self.secrets(text, of: name) }
    return secrets
  }

  func count(_ name: String, _ range: ClosedRange<Int>) throws(SettingError) -> Int? {
    guard let text = text(name) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw SettingError(
        name: name, value: text, rule: "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func flag(_ name: String) throws(SettingError) -> Bool {
    switch text(name) {
    case nil, "0"?, "false"?: return false
    case "1"?, "true"?: return true
    case let text?: throw SettingError(name: name, value: text, rule: "must be true or false")
    }
  }

  private static func filled(_ text: String) -> String? {
    let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return trimmed.isEmpty ? nil : trimmed
  }

  private static func secrets(_ text: String, of name: String) throws(SettingError) -> [Secret] {
    var secrets: [Secret] = []
    for part in text.split(separator: ",") {
      guard let part = filled(String(part)) else { continue }
      secrets.append(try secret(part, of: name))
    }
    return secrets
  }

  private static func secret(_ text: String, of name: String) throws(SettingError) -> Secret {
    guard let text = filled(text), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw SettingError(
        name: name, value: "not shown", rule: "must be printable ASCII without blanks; several are separated by commas")
    }
    return Secret(text)
  }

  /// A JSON object with a text for each account.
  private func byAccount(_ name: String) throws(SettingError) -> [AccountID: String] {
    guard let text = text(name) else { return [:] }
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
