import RemoteAPIs
import TestKit
import Testing
import TextEmbedding
import Values

@testable import App

@Suite("What the environment says of embeddings")
struct EmbeddingEnvironmentTests {
  private static func embedder(_ environment: [String: String]) throws -> (any TextEmbedder)? {
    try EmbeddingEnvironment.embedder(
      environment, over: AsyncHTTPTransport.shared, now: { Instant(seconds: 1_795_000_000) })
  }

  @Test("The embedder is this process's own unless another is named")
  func choices() throws {
    #expect(try Self.embedder([:])?.model.name == "all-MiniLM-L6-v2")
    #expect(try Self.embedder(["EMBEDDER": "none"]) == nil)
    let vertex = try Self.embedder(["EMBEDDER": "vertex", "GOOGLE_CLOUD_PROJECT": "p-1"])
    #expect(vertex?.model == EmbeddingModel(name: "text-embedding-005", dimension: 384))
  }

  @Test("What is no embedder, and Vertex AI without a project, are named")
  func refused() throws {
    #expect(throws: SettingError(name: "EMBEDDER", value: "magic", rule: "must be local, vertex or none")) {
      try Self.embedder(["EMBEDDER": "magic"])
    }
    #expect(
      throws: SettingError(name: "EMBEDDER", value: "vertex", rule: "needs a project in GOOGLE_CLOUD_PROJECT")
    ) { try Self.embedder(["EMBEDDER": "vertex"]) }
  }

  @Test("A model that is missing is an error that says what to do, and no vector")
  func missingModel() async throws {
    let embedder = try #require(try Self.embedder(["GEMINIVIDEO_MODELS": "/nowhere"]))
    await #expect {
      try await embedder.embed(["a text"])
    } throws: { error in
      guard case .unavailable(let reason)? = error as? TextEmbeddingError else { return false }
      return reason.contains("scripts/models.sh")
    }
  }
}
