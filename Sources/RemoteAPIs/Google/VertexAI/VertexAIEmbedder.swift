import TextEmbedding
import Values

/// Turns texts into vectors by a model of Vertex AI's.
package struct VertexAIEmbedder: TextEmbedder {
  /// The most calls at once.
  private static let width = 4

  private let client: VertexAIClient
  private let asked: VertexEmbeddingModel

  package init(_ client: VertexAIClient, model: VertexEmbeddingModel) {
    self.client = client
    asked = model
  }

  package var model: EmbeddingModel { EmbeddingModel(name: asked.storedName, dimension: asked.dimension) }

  /// A vector for each text, in order. Throws a `TextEmbeddingError`; a text without anything in it is refused, and one
  /// of more than 2,048 tokens.
  package func embed(_ texts: [String]) async throws -> [[Float]] {
    guard texts.allSatisfy({ !$0.allSatisfy(\.isWhitespace) }) else {
      throw TextEmbeddingError.refused("a text is empty: Vertex AI has no vector for it")
    }
    let batches = batches(of: texts)
    return try await withThrowingTaskGroup(of: (Int, [[Float]]).self) { group in
      var vectors = [[[Float]]](repeating: [], count: batches.count)
      for (index, batch) in batches.enumerated() {
        if index >= Self.width, let (done, found) = try await group.next() { vectors[done] = found }
        group.addTask { (index, try await embed(batch)) }
      }
      for try await (done, found) in group { vectors[done] = found }
      return vectors.flatMap { $0 }
    }
  }

  private func embed(_ batch: ArraySlice<String>) async throws(TextEmbeddingError) -> [[Float]] {
    do throws(GoogleError) {
      let answer = try await client.answer(of: asked.name, to: asked.method, asked.body(Array(batch)))
      return try read { () throws(JSONField.Problem) in try asked.vectors(answer, count: batch.count) }
    } catch {
      throw TextEmbeddingError(error)
    }
  }

  private func read(_ body: () throws(JSONField.Problem) -> [[Float]]) throws(GoogleError) -> [[Float]] {
    do {
      return try body()
    } catch {
      throw GoogleError(.unreadable, "\(error.path): \(error.value) \(error.rule)")
    }
  }

  /// Parts that one call may have. No token is shorter than a byte, so that a text has at most as many tokens as bytes,
  /// and one that is within the limit of a text at most as many as that.
  private func batches(of texts: [String]) -> [ArraySlice<String>] {
    var batches: [ArraySlice<String>] = []
    var start = 0
    var tokens = 0
    for (index, text) in texts.enumerated() {
      // Two tokens mark a text's beginning and end.
      let most = min(text.utf8.count + 2, VertexEmbeddingModel.tokensPerText)
      if index - start == asked.textsPerCall || tokens + most > VertexEmbeddingModel.tokensPerCall {
        batches.append(texts[start..<index])
        (start, tokens) = (index, 0)
      }
      tokens += most
    }
    if start < texts.count { batches.append(texts[start...]) }
    return batches
  }
}

extension TextEmbeddingError {
  /// What a failure of Google's means for whoever wants vectors.
  init(_ error: GoogleError) {
    switch error.kind {
    case .unauthenticated, .forbidden: self = .unavailable("\(error)")
    case .notFound:
      self = .unavailable("\(error); the model may be retired: name another one by VERTEX_EMBEDDING_MODEL")
    case .unavailable, .limited, .unreadable, .damaged, .cancelled: self = .busy("\(error)")
    case .invalid, .conditionNotMet: self = .refused("\(error)")
    }
  }
}
