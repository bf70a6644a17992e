import Foundation
import Platforms
import RemoteAPIs
import Values

/// Checks the environment's settings for HubSpot, and the consequences of missing ones. No secret is shown.
struct HubSpotDoctor {
  let environment: [String: String]

  private static let name = "HubSpot"

  func check() -> DoctorCheck {
    do {
      let settings = try HubSpotEnvironment.settings(environment)
      let problems = try problems(of: settings)
      guard problems.isEmpty else { return .problem(Self.name, problems.joined(separator: "; ")) }
      return .fine(Self.name, "\(webhooks(settings)); \(reading(settings))")
    } catch {
      return .problem(Self.name, "\(error)")
    }
  }

  private func webhooks(_ settings: HubSpotSettings) -> String {
    guard settings.webhookURL != nil, hasSecret(settings) else {
      return "no webhooks: HUBSPOT_WEBHOOK_URL and HUBSPOT_CLIENT_SECRET are not both set"
    }
    let count = settings.secrets.count + settings.accountSecrets.values.reduce(0) { $0 + $1.count }
    return "webhooks signed with \(count == 1 ? "one secret" : "one of \(count) secrets") are accepted"
  }

  private func reading(_ settings: HubSpotSettings) -> String {
    settings.token != nil || !settings.accountTokens.isEmpty
      ? "deals are read from \(settings.apiURL)"
      : "deals are derived from events only: HUBSPOT_ACCESS_TOKEN is not set"
  }

  private func hasSecret(_ settings: HubSpotSettings) -> Bool {
    !settings.secrets.isEmpty || !settings.accountSecrets.isEmpty
  }

  private func problems(of settings: HubSpotSettings) throws -> [String] {
    var problems: [String] = []
    if let url = settings.webhookURL {
      if hasSecret(settings) {
        do {
          _ = try HubSpotSignatureCheck(
            publicURL: url, secrets: settings.secrets + settings.accountSecrets.values.joined(),
            now: { SystemClock.now })
        } catch {
          problems.append("HUBSPOT_WEBHOOK_URL and HUBSPOT_CLIENT_SECRET: \(error)")
        }
      }
      if isPlain(url) {
        problems.append("HUBSPOT_WEBHOOK_URL is not https: HubSpot sends webhooks only to https")
      }
    }
    if isPlain(settings.apiURL) {
      problems.append("HUBSPOT_API_URL is not https: access tokens would be sent in plain text")
    }
    let texts: [(String, [Secret])] = [
      ("HUBSPOT_CLIENT_SECRET", settings.secrets),
      ("HUBSPOT_CLIENT_SECRETS", settings.accountSecrets.values.flatMap { $0 }),
      ("HUBSPOT_ACCESS_TOKEN", settings.token.map { [$0] } ?? []),
      ("HUBSPOT_ACCESS_TOKENS", Array(settings.accountTokens.values)),
    ]
    for (variable, secrets) in texts where !secrets.allSatisfy(isWellFormed) {
      problems.append(
        "\(variable) contains a space, a quotation mark or another character that HubSpot never uses: copy it again")
    }
    return problems
  }

  /// Whether an address of another machine has no TLS.
  private func isPlain(_ url: String) -> Bool {
    guard url.lowercased().hasPrefix("http:") else { return false }
    return URL(string: url)?.host().map { !$0.isLoopbackHost } ?? true
  }

  /// HubSpot's secrets and tokens consist of letters, digits and hyphens.
  private func isWellFormed(_ secret: Secret) -> Bool {
    secret.text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !#"'",;"#.utf8.contains($0) }
  }
}
