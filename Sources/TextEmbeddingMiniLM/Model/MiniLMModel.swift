import CTransformer
import Crypto
import Formats
import TextEmbedding

/// The tokenizer and the network of all-MiniLM-L6-v2, as its authors published them.
package struct MiniLMModel: Sendable {
  let tokenizer: WordPieceTokenizer
  let encoder: Encoder

  /// A file of the model, and what it must be byte by byte.
  struct File: Sendable {
    let name: String
    let size: Int
    /// In hexadecimal.
    let sha256: String

    static let vocabulary = File(
      name: "vocab.txt", size: 231_508, sha256: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3")
    static let weights = File(
      name: "model.safetensors", size: 90_868_376,
      sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db")
  }

  /// Loads the model from `folder`, which takes about 0.1 s. Throws `unavailable` where its files are missing or differ
  /// from the published ones.
  package init(folder: String) throws(TextEmbeddingError) {
    try self.init(folder: folder, instructions: transformer_best_instructions())
  }

  /// Loads the model for a processor that has `instructions`.
  init(folder: String, instructions: transformer_instructions) throws(TextEmbeddingError) {
    let vocabulary = try Self.map(.vocabulary, in: folder)
    let weights = try Self.map(.weights, in: folder)
    do throws(Vocabulary.Fault) {
      tokenizer = try WordPieceTokenizer(Vocabulary(vocabulary.bytes, count: MiniLMShape.pieces))
    } catch {
      throw Self.damaged(.vocabulary, in: folder, error.reason)
    }
    do throws(Safetensors.Fault) {
      encoder = Encoder(weights: try EncoderWeights(weights, for: instructions))
    } catch {
      throw Self.damaged(.weights, in: folder, error.reason)
    }
  }

  private static func map(_ file: File, in folder: String) throws(TextEmbeddingError) -> MappedFile {
    let mapped: MappedFile
    do throws(FileError) {
      mapped = try MappedFile(path: "\(folder)/\(file.name)", largest: file.size)
    } catch {
      throw .unavailable(
        "the embedding model is not there (\(error)): run scripts/models.sh, which fetches it, or set GEMINIVIDEO_MODELS "
          + "to the folder that it is in")
    }
    guard mapped.bytes.count == file.size else {
      throw damaged(file, in: folder, "it has \(mapped.bytes.count) bytes, not \(file.size)")
    }
    var hash = SHA256()
    hash.update(bufferPointer: mapped.bytes)
    let digits = hash.finalize().map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }
    guard digits.joined() == file.sha256 else { throw damaged(file, in: folder, "its SHA-256 is another") }
    return mapped
  }

  private static func damaged(_ file: File, in folder: String, _ reason: String) -> TextEmbeddingError {
    .unavailable(
      "\(folder)/\(file.name) is not the published file, for \(reason): remove it and run scripts/models.sh")
  }

  /// The numbers of the word pieces that a text is read as, with those that mark its ends.
  package func pieces(of text: String) -> [Int32] { tokenizer.encode(text) }

  /// The vectors of texts, computed in batches that a workspace has room for.
  func embed(_ texts: [String], in workspace: inout Workspace) -> [[Float]] {
    var vectors: [[Float]] = []
    var batch: [[Int32]] = []
    var rows = 0
    for text in texts {
      let pieces = tokenizer.encode(text)
      if rows + pieces.count > Encoder.batchLimit {
        vectors += encoder.encode(batch, in: &workspace)
        batch = []
        rows = 0
      }
      batch.append(pieces)
      rows += pieces.count
    }
    if !batch.isEmpty { vectors += encoder.encode(batch, in: &workspace) }
    return vectors
  }
}
