import Formats
import Foundation
import TestKit
import Testing
import TextEmbedding
import Values

@testable import TextEmbeddingMiniLM

/// Files that are not the model: each gets an error, and none stops the program.
struct HostileFileTests {
  private static let mutations: UInt64 = 10_000

  private static func model(_ vocabulary: Data?, _ weights: Data?, size: UInt64? = nil) throws -> String {
    let folder = try TemporaryFolder()
    if let vocabulary { try vocabulary.write(to: folder.url.appending(path: "vocab.txt")) }
    let place = folder.url.appending(path: "model.safetensors")
    if let weights { try weights.write(to: place) }
    if let size {
      let file = try FileHandle(forWritingTo: place)
      try file.truncate(atOffset: size)
      try file.close()
    }
    let path = folder.url.path
    let error = #expect(throws: TextEmbeddingError.self) { try MiniLMModel(folder: path) }
    return error?.description ?? ""
  }

  @Test("Files of another size, with other bytes, or of another kind are refused by name")
  func refused() throws {
    #expect(try Self.model(nil, nil).contains("vocab.txt: No such file"))
    #expect(try Self.model(Data(), Data()).contains("vocab.txt: Invalid argument"))
    #expect(try Self.model(Data(repeating: 65, count: 10), nil).contains("it has 10 bytes, not 231508"))
    #expect(try Self.model(Data(repeating: 65, count: 231_508), nil).contains("its SHA-256 is another"))
    #expect(try Self.model(Data(repeating: 65, count: 300_000), nil).contains("vocab.txt: File too large"))
    guard TestModel.isThere else { return }
    let vocabulary = try Data(contentsOf: URL(filePath: TestModel.folder + "/vocab.txt"))
    #expect(try Self.model(vocabulary, Data([1]), size: 90_868_376).contains("model.safetensors is not the published"))
    #expect(try Self.model(vocabulary, Data([1]), size: 90_868_375).contains("bytes, not 90868376"))
  }

  /// The header that names two tensors, and their bytes.
  private static let small: [UInt8] = {
    var header =
      #"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"#
      + #""b":{"dtype":"F32","shape":[4],"data_offsets":[24,40]}}"#
    header += String(repeating: " ", count: 8 - header.utf8.count % 8)
    return withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init) + Array(header.utf8)
      + (0..<40).map { UInt8($0) }
  }()

  @Test("Whatever a directory of tensors says, none reaches beyond the file")
  func mutatedWeights() throws {
    var (read, refused) = (0, 0)
    for seed in 1...Self.mutations {
      let bytes = Self.mutated(Self.small, seed: seed)
      bytes.withUnsafeBytes { file in
        do throws(Safetensors.Fault) {
          let tensors = try Safetensors(file)
          for (name, shape) in [("a", [2, 3]), ("b", [4])] {
            let floats = shape.count == 2 ? try tensors.floats(name, shape[0], shape[1]) : try tensors.floats(name, 4)
            #expect(floats.reduce(0, +).isNaN || floats.count == shape.reduce(1, *), "seed \(seed)")
          }
          read += 1
        } catch {
          refused += 1
        }
      }
    }
    #expect(read > 0 && refused > read, "\(read) read, \(refused) refused")
  }

  @Test("Whatever a vocabulary has, texts have pieces of it or none")
  func mutatedVocabularies() throws {
    let lines = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##b", "##c", "ab", "##bc", "é", "##é", "!", "你"]
    let file = Array(lines.joined(separator: "\n").utf8)
    var (read, refused) = (0, 0)
    for seed in 1...Self.mutations {
      let bytes = Self.mutated(file, seed: seed)
      do {
        let vocabulary = try bytes.withUnsafeBytes { try Vocabulary($0, count: lines.count) }
        let pieces = try WordPieceTokenizer(vocabulary).encode("abc ABé! 你 [SEP]")
        #expect(pieces.allSatisfy { lines.indices.contains(Int($0)) }, "seed \(seed)")
        read += 1
      } catch is Vocabulary.Fault {
        refused += 1
      }
    }
    #expect(read > 0 && refused > 0, "\(read) read, \(refused) refused")
  }

  /// Changes, removes, adds or repeats a few bytes.
  private static func mutated(_ bytes: [UInt8], seed: UInt64) -> [UInt8] {
    var random = SeededRandom(seed: seed)
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let place = Int.random(in: 0..<max(1, bytes.count), using: &random)
      guard place < bytes.count else { return bytes }
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2: bytes.remove(at: place)
      case 3: bytes.insert(UInt8(ascii: "9"), at: place)
      case 4: bytes.removeLast(bytes.count - place)
      default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 30)], at: place)
      }
    }
    return bytes
  }
}
