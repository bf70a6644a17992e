import Accounts
import Formats
import Values
import Web

/// Embeddings of any texts over HTTP, by the embedder that winners are remembered with.
package struct EmbeddingRoutes: Sendable {
  private let embedder: CheckedEmbedder

  package init(embedder: CheckedEmbedder) {
    self.embedder = embedder
  }

  package var endpoints: [Endpoint] {
    [
      Endpoint(
        .post, "/api/titan/generate-embedding", operationID: "generateEmbedding",
        summary: "Embeds texts. A failure is an error, never a vector.", tag: "Winners", access: .role(.operator),
        request: EmbeddingCoding.request, response: EmbeddingCoding.response
      ) { call in
        let texts = try EmbeddingCoding.read(call.body, caller: call.caller())
        return EmbeddingCoding.reply(try await embedder.embed(texts))
      }
    ]
  }
}
