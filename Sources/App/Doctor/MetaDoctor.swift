import Accounts
import Foundation
import Platforms
import RemoteAPIs
import Values

/// Checks the environment's settings for Meta, and asks Meta about each connection. No secret is shown.
struct MetaDoctor {
  let environment: [String: String]

  private static let name = "Meta"

  /// The environment's settings, and the consequences of missing ones.
  func check() -> DoctorCheck {
    do {
      let settings = try MetaEnvironment.settings(environment)
      guard !isPlain(settings.api.baseURL) else {
        return .problem(Self.name, "META_GRAPH_URL is not https: access tokens would be sent in plain text")
      }
      let key = settings.secretBox == nil ? ", GEMINIVIDEO_SECRET_KEY is not set: no token can be stored" : ""
      let token =
        settings.token != nil || !settings.accountTokens.isEmpty
        ? "a token is set" : "no token is set (META_ACCESS_TOKEN, or META_ACCESS_TOKENS by account)"
      return .fine(Self.name, "\(settings.api.baseURL)/\(settings.api.version); \(token)\(key)")
    } catch {
      return .problem(Self.name, "\(error)")
    }
  }

  /// The findings about each connected account.
  static func connections(in system: System) async -> [DoctorCheck] {
    do {
      var checks: [DoctorCheck] = []
      for account in try await system.accounts.all() where account.disabledAt == nil {
        guard try await system.meta.connection(of: account.id) != nil else { continue }
        // A failure becomes the connection's problem, which is among the findings.
        try? await system.metaSync.check(account.id)
        checks += try await system.meta.status(of: account.id).findings.map {
          DoctorCheck(name: "Meta of \(account.id), \($0.name)", isFine: $0.isFine, finding: $0.text)
        }
      }
      return checks
    } catch {
      return [.problem("Meta's connections", "\(error)")]
    }
  }

  private func isPlain(_ url: String) -> Bool {
    url.lowercased().hasPrefix("http:") && !(URL(string: url)?.host()?.isLoopbackHost ?? false)
  }
}
