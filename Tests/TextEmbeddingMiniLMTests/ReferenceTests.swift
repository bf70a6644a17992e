import TestKit
import Testing

@testable import TextEmbeddingMiniLM

/// The model against the reference implementation, on the texts of seed 1.
@Suite(.enabled(if: TestModel.isThere, TestModel.note))
struct ReferenceTests {
  @Test("200 texts have the reference's pieces")
  func pieces() throws {
    let model = try MiniLMModel(folder: TestModel.folder)
    let reference = try TestModel.reference()
    #expect(reference.count == 200)
    for entry in reference {
      let pieces = model.pieces(of: entry.text)
      #expect(pieces == entry.pieces, "\(entry.text.prefix(200).debugDescription)")
    }
  }

  @Test("Vectors are the reference's, whatever the processor can do")
  func vectors() throws {
    let reference = try TestModel.reference().filter { $0.vector != nil }
    #expect(reference.count == 25)
    var workspace = Workspace()
    for instructions in KernelTests.instructions {
      let encoder = try MiniLMModel(folder: TestModel.folder, instructions: instructions).encoder
      for entry in reference {
        let vector = encoder.encode([entry.pieces], in: &workspace)[0]
        #expect(TestModel.cosine(vector, entry.vector ?? []) >= 0.9999, "\(instructions): \(entry.text.prefix(200))")
        #expect(abs(TestModel.length(vector) - 1) < 1e-5)
      }
    }
  }

  @Test("A text's vector is the same bit for bit whatever stands beside it", arguments: UInt64(1)...3)
  func company(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let model = try MiniLMModel(folder: TestModel.folder)
    let texts = try TestModel.reference().map(\.text).shuffled(using: &random).prefix(12)
    var workspace = Workspace()
    let together = model.embed(Array(texts), in: &workspace)
    for (text, vector) in zip(texts, together) {
      let alone = model.embed([text], in: &workspace)
      #expect(alone == [vector], "\(text.prefix(200).debugDescription)")
    }
  }
}
