import Foundation
import RemoteAPIs

/// Looks at what the environment says of Google and of blobs. Nobody is asked, and no secret is shown.
struct GoogleDoctor {
  let environment: [String: String]

  private static let name = "Google"

  func checks() -> [DoctorCheck] { [google(), blobs()] }

  private func google() -> DoctorCheck {
    do {
      let settings = try GoogleEnvironment.settings(environment)
      let identity =
        switch settings.credential {
        case .serviceAccount(let key): "\(key.email) calls"
        case .metadataServer: "this machine's own service account calls: GOOGLE_APPLICATION_CREDENTIALS is not set"
        }
      guard let vertex = settings.vertex else {
        return .fine(Self.name, "\(identity); no vectors by Vertex AI: GOOGLE_CLOUD_PROJECT is not set")
      }
      guard !isPlain(vertex.baseURL) else {
        return .problem(Self.name, "GOOGLE_VERTEX_BASE_URL is not https: access tokens would be sent in plain text")
      }
      return .fine(
        Self.name, "\(identity); vectors by \(settings.embeddingModel) of \(vertex.project) at \(vertex.baseURL)")
    } catch {
      return .problem(Self.name, "\(error)")
    }
  }

  private func blobs() -> DoctorCheck {
    do {
      switch try GoogleEnvironment.blobs(environment) {
      case .folder(let path): return .fine("blobs", "are kept in \(path)")
      case .cloudStorage(let settings, let isEmulator):
        return .fine("blobs", "are kept in the bucket \(settings.bucket)\(isEmulator ? " of \(settings.baseURL)" : "")")
      }
    } catch {
      return .problem("blobs", "\(error)")
    }
  }

  private func isPlain(_ url: String) -> Bool {
    url.lowercased().hasPrefix("http:") && !(URL(string: url)?.host()?.isLoopbackHost ?? false)
  }
}
