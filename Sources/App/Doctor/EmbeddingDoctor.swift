import Foundation

/// Says what embeds texts, and whether the model of this process is there. It is not loaded.
struct EmbeddingDoctor {
  let environment: [String: String]

  private static let name = "embeddings"

  func check() -> DoctorCheck {
    do {
      switch try EmbeddingEnvironment.choice(environment) {
      case .none: return .fine(Self.name, "EMBEDDER is none: winners are not embedded")
      case .vertex: return .fine(Self.name, "are made by Vertex AI")
      case .local:
        let folder = EmbeddingEnvironment.folder(environment)
        let isThere = FileManager.default.fileExists(atPath: "\(folder)/all-MiniLM-L6-v2/model.safetensors")
        return .fine(
          Self.name,
          isThere
            ? "are made in this process by the model in \(folder)"
            : "the model is not in \(folder): run scripts/models.sh, or set EMBEDDER to vertex or none")
      }
    } catch {
      return .problem(Self.name, "\(error)")
    }
  }
}
