import RemoteAPIs
import TextEmbedding
import TextEmbeddingMiniLM
import Values

/// The environment's choice of what embeds texts.
package enum EmbeddingEnvironment {
  /// What embeds texts.
  package enum Choice: String, CaseIterable {
    /// all-MiniLM-L6-v2 in this process.
    case local
    /// A model of Vertex AI.
    case vertex
    /// Nothing.
    case none
  }

  /// The folder of models, unless `GEMINIVIDEO_MODELS` names another: where `scripts/models.sh` puts them.
  static let defaultFolder = ".models"

  /// Reads `EMBEDDER`. Throws a ``SettingError`` for another value.
  package static func choice(_ environment: [String: String]) throws(SettingError) -> Choice {
    guard let text = EnvironmentReader(environment).text("EMBEDDER") else { return .local }
    guard let choice = Choice(rawValue: text) else {
      throw SettingError(name: "EMBEDDER", value: text, rule: "must be local, vertex or none")
    }
    return choice
  }

  /// Makes the embedder, which loads its model or asks for a token with its first text; nil for none.
  ///
  /// Throws a ``SettingError`` that names the invalid or missing variable.
  package static func embedder(
    _ environment: [String: String], over transport: any HTTPTransport, now: @escaping @Sendable () -> Instant
  ) throws(SettingError) -> (any TextEmbedder)? {
    switch try choice(environment) {
    case .none: return nil
    case .local: return MiniLMEmbedder(modelsFolder: folder(environment))
    case .vertex:
      let settings = try GoogleEnvironment.settings(environment)
      let retry = GoogleRetry(now: now)
      let tokens = settings.tokens(over: transport, retry: retry)
      guard let embedder = settings.embedder(over: transport, tokens: tokens, retry: retry) else {
        throw SettingError(name: "EMBEDDER", value: "vertex", rule: "needs a project in GOOGLE_CLOUD_PROJECT")
      }
      return embedder
    }
  }

  static func folder(_ environment: [String: String]) -> String {
    EnvironmentReader(environment).text("GEMINIVIDEO_MODELS") ?? defaultFolder
  }
}
