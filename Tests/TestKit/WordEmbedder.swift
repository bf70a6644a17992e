import TextEmbedding

/// Embeds by words alone: texts that share words are close, and the same text always has the same vector.
package struct WordEmbedder: TextEmbedder {
  package let model: EmbeddingModel
  /// Texts that hold this are refused; nil for none.
  package var refusing: String?
  /// Thrown in place of vectors; nil for none.
  package var failure: TextEmbeddingError?

  /// An embedder under `name` whose vectors have `dimension` components.
  package init(_ name: String = "words", dimension: Int = 384) {
    model = EmbeddingModel(name: name, dimension: dimension)
  }

  package func embed(_ texts: [String]) async throws -> [[Float]] {
    if let failure { throw failure }
    if let refusing, texts.contains(where: { $0.contains(refusing) }) {
      throw TextEmbeddingError.refused("it holds \(refusing)")
    }
    return texts.map(vector)
  }

  /// The vector of a text.
  package func vector(_ text: String) -> [Float] {
    var vector = [Float](repeating: 0, count: model.dimension)
    for word in text.lowercased().split(whereSeparator: { !$0.isLetter && !$0.isNumber }) {
      var bits = (model.name + word).utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
        ($0 ^ UInt64($1)) &* 0x100_0000_01B3
      }
      for _ in 0..<8 {
        bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        vector[Int(bits >> 33) % vector.count] += bits & (1 << 32) == 0 ? 1 : -1
      }
    }
    let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard length > 0 else { return [1] + vector.dropFirst() }
    return vector.map { $0 / length }
  }
}
