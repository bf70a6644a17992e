import Foundation
import TestKit
import Testing
import TextEmbedding
import TextEmbeddingMiniLM

/// The embedder as others use it.
struct MiniLMEmbedderTests {
  @Suite(.enabled(if: TestModel.isThere, TestModel.note))
  struct WithModel {
    private let embedder = MiniLMEmbedder(modelsFolder: TestModel.modelsFolder, threads: 2)

    @Test("Vectors come in the order of the texts, and near where texts mean the same")
    func meaning() async throws {
      let vectors = try await embedder.embed([
        "Free shipping on running shoes", "Sneakers delivered at no cost", "How to file your tax return", "",
      ])
      let doubles = vectors.map { $0.map(Double.init) }
      #expect(vectors.map(\.count) == [384, 384, 384, 384])
      #expect(TestModel.cosine(vectors[0], doubles[1]) > 0.5)
      #expect(TestModel.cosine(vectors[0], doubles[2]) < 0.3)
      #expect(try await embedder.embed([]).isEmpty)
      #expect(embedder.model == EmbeddingModel(name: "all-MiniLM-L6-v2", dimension: 384))
    }

    @Test("Many who ask at once get what each of them would get alone")
    func crowd() async throws {
      let texts = (0..<60).map { "offer number \($0) for \($0 % 7) pairs of shoes" }
      let expected = try await embedder.embed(texts)
      try await withThrowingTaskGroup(of: (Int, [[Float]]).self) { group in
        for index in texts.indices {
          group.addTask { (index, try await embedder.embed([texts[index], texts[(index + 1) % 60]])) }
        }
        for try await (index, vectors) in group {
          #expect(vectors == [expected[index], expected[(index + 1) % 60]])
        }
      }
    }

    @Test("Who cancels waits no longer, and others go on")
    func cancellation() async throws {
      let texts = Array(repeating: String(repeating: "word ", count: 300), count: 400)
      let cancelled = Task { try await embedder.embed(texts) }
      let other = Task { try await embedder.embed(["still here"]) }
      cancelled.cancel()
      await #expect(throws: CancellationError.self) { try await cancelled.value }
      #expect(try await other.value.count == 1)
    }

    @Test("A text that is too long is refused")
    func tooLong() async {
      let text = String(repeating: "a", count: 1 << 20 + 1)
      await #expect(throws: TextEmbeddingError.self) { try await embedder.embed(["fine", text]) }
    }
  }

  @Test("Without its model it says what to do, and works once that is done")
  func missing() async throws {
    let folder = try TemporaryFolder()
    let embedder = MiniLMEmbedder(modelsFolder: folder.url.path)
    for _ in 0..<2 {
      do {
        _ = try await embedder.embed(["a"])
        Issue.record("a model that is not there has no vectors")
      } catch TextEmbeddingError.unavailable(let reason) {
        #expect(reason.contains("scripts/models.sh") && reason.contains("GEMINIVIDEO_MODELS"))
      }
    }
    guard TestModel.isThere else { return }
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("all-MiniLM-L6-v2"), withDestinationPath: TestModel.folder)
    #expect(try await embedder.embed(["a"]).count == 1)
  }
}
