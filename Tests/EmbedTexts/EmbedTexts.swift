import Formats
import TextEmbedding
import TextEmbeddingMiniLM

/// `embed-texts MODELS`: reads a JSON string from each line, and writes its word pieces and its vector as a line of JSON.
@main
struct EmbedTexts {
  static func main() async throws {
    let models = CommandLine.arguments.dropFirst().first ?? ".models"
    let texts = try lines().map { line in try JSONReader.read(line) { try $0.readString() } }
    let model = try MiniLMModel(folder: "\(models)/\(MiniLMEmbedder.model.name)")
    let vectors = try await MiniLMEmbedder(modelsFolder: models).embed(texts)
    for (text, vector) in zip(texts, vectors) {
      var json = JSONWriter()
      json.object { json in
        json.key("pieces")
        json.array { json in for piece in model.pieces(of: text) { json.value(Int(piece)) } }
        json.key("vector")
        json.array { json in for component in vector { json.value(Double(component)) } }
      }
      print(json.string)
    }
  }

  private static func lines() -> [String] {
    var lines: [String] = []
    while let line = readLine() { lines.append(line) }
    return lines
  }
}
