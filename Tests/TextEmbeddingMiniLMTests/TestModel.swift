import Formats
import Foundation
import Testing
import TextEmbedding
import TextEmbeddingMiniLM

/// The model as `scripts/models.sh` puts it, and what its reference implementation makes of texts.
enum TestModel {
  static let note: Comment = "The model is missing: run scripts/models.sh"

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static let modelsFolder =
    ProcessInfo.processInfo.environment["GEMINIVIDEO_MODELS"] ?? root.appending(path: ".models").path

  static let folder = "\(modelsFolder)/\(MiniLMEmbedder.model.name)"

  static var isThere: Bool { FileManager.default.fileExists(atPath: "\(folder)/model.safetensors") }

  /// A text with its pieces, and for some its vector: `Tests/Peers/minilm/reference.py` wrote them.
  struct Entry {
    let text: String
    let pieces: [Int32]
    let vector: [Double]?
  }

  static func reference() throws -> [Entry] {
    let file = root.appending(path: "Tests/TextEmbeddingMiniLMTests/reference.json")
    let value = try JSONReader.read(Array(Data(contentsOf: file))) { try $0.readValue() }
    return (value.arrayValue ?? []).map { entry in
      Entry(
        text: entry["text"]?.stringValue ?? "",
        pieces: (entry["pieces"]?.arrayValue ?? []).compactMap { $0.doubleValue.flatMap(Int32.init(exactly:)) },
        vector: entry["vector"]?.stringValue.flatMap { Data(base64Encoded: $0) }.map(components))
    }
  }

  private static func components(_ data: Data) -> [Double] {
    stride(from: 0, to: data.count, by: 2).map { index in
      Double(Int16(bitPattern: UInt16(data[index]) | UInt16(data[index + 1]) << 8)) / 32_767
    }
  }

  static func cosine(_ vector: [Float], _ other: [Double]) -> Double {
    let product = zip(vector, other).reduce(0) { $0 + Double($1.0) * $1.1 }
    let squares = vector.reduce(0) { $0 + Double($1) * Double($1) } * other.reduce(0) { $0 + $1 * $1 }
    return product / squares.squareRoot()
  }

  static func length(_ vector: [Float]) -> Double {
    vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}
