import CTransformer
import Formats

/// The sizes of all-MiniLM-L6-v2.
enum MiniLMShape {
  static let layers = 6
  static let width = 384
  static let inner = 1_536
  static let pieces = 30_522
  static let positions = 512
  static let normEpsilon: Float = 1e-12
}

/// The weights as the kernels read them. The tables of embeddings, half of the file, stay mapped; what each text is
/// multiplied by is packed into memory of its own.
final class EncoderWeights: @unchecked Sendable {
  // Unchecked: nothing is written after `init`, and the pointers are into `file` and `store`, which live as long.

  struct Norm {
    let scale, shift: UnsafePointer<Float>
  }

  /// A matrix, packed, and what is added to its products.
  struct Linear {
    enum Weights {
      case single(UnsafePointer<Float>)
      case bf16(UnsafePointer<UInt16>)
    }

    let weights: Weights
    let bias: UnsafePointer<Float>
    let outputs, inputs: Int
  }

  struct Layer {
    /// Queries, keys and values in one.
    let projections, attention, expansion, contraction: Linear
    let attentionNorm, outputNorm: Norm
  }

  let instructions: transformer_instructions
  let words, positions, type: UnsafePointer<Float>
  let embeddingNorm: Norm
  let layers: [Layer]
  private let file: MappedFile
  private let store: FloatStore

  /// Packs the tensors of a `safetensors` file for `instructions`. Throws a `Safetensors.Fault` where one is not as it
  /// must be.
  init(
    _ file: MappedFile, for instructions: transformer_instructions = transformer_best_instructions()
  ) throws(Safetensors.Fault) {
    self.instructions = instructions
    let shape = MiniLMShape.self
    let tensors = try Safetensors(file.bytes)
    var packer = Packer(tensors, isMixed: instructions == TRANSFORMER_AVX512_BF16)
    words = try packer.inFile("embeddings.word_embeddings.weight", shape.pieces, shape.width)
    positions = try packer.inFile("embeddings.position_embeddings.weight", shape.positions, shape.width)
    type = try packer.inFile("embeddings.token_type_embeddings.weight", 2, shape.width)
    embeddingNorm = try packer.norm("embeddings.LayerNorm")
    var layers: [Layer] = []
    for index in 0..<shape.layers { layers.append(try packer.layer("encoder.layer.\(index).")) }
    self.layers = layers
    self.file = file
    store = packer.store
    // Half of it has been copied, and the rest is hardly looked at again.
    file.release()
  }
}

/// Copies tensors one behind the other.
private struct Packer {
  private static let width = MiniLMShape.width
  private static let inner = MiniLMShape.inner
  /// Of a layer: its matrices, their biases and two norms.
  private static let layerSize = width * (4 * width + 2 * inner) + 4 * width + inner + width + 4 * width
  private static let capacity = MiniLMShape.layers * layerSize + 2 * width

  let store = FloatStore(capacity: capacity)
  private let tensors: Safetensors
  /// Whether the two large matrices of a layer are bfloat16.
  private let isMixed: Bool
  private var used = 0

  init(_ tensors: Safetensors, isMixed: Bool) {
    self.tensors = tensors
    self.isMixed = isMixed
  }

  func inFile(_ name: String, _ rows: Int, _ columns: Int) throws(Safetensors.Fault) -> UnsafePointer<Float> {
    try Self.start(of: tensors.floats(name, rows, columns))
  }

  private static func start(of floats: UnsafeBufferPointer<Float>) throws(Safetensors.Fault) -> UnsafePointer<Float> {
    guard let start = floats.baseAddress else { throw Safetensors.Fault(reason: "it has an empty tensor") }
    return start
  }

  mutating func layer(_ prefix: String) throws(Safetensors.Fault) -> EncoderWeights.Layer {
    EncoderWeights.Layer(
      projections: try linear(
        ["query", "key", "value"].map { "\(prefix)attention.self.\($0)" }, outputs: Self.width, inputs: Self.width),
      attention: try linear(["\(prefix)attention.output.dense"], outputs: Self.width, inputs: Self.width),
      expansion: try large("\(prefix)intermediate.dense", outputs: Self.inner, inputs: Self.width),
      contraction: try large("\(prefix)output.dense", outputs: Self.width, inputs: Self.inner),
      attentionNorm: try norm("\(prefix)attention.output.LayerNorm"), outputNorm: try norm("\(prefix)output.LayerNorm"))
  }

  mutating func norm(_ name: String) throws(Safetensors.Fault) -> EncoderWeights.Norm {
    EncoderWeights.Norm(
      scale: try copied("\(name).weight", Self.width), shift: try copied("\(name).bias", Self.width))
  }

  /// Several matrices as one, with the outputs of the first first.
  private mutating func linear(
    _ names: [String], outputs: Int, inputs: Int
  ) throws(Safetensors.Fault) -> EncoderWeights.Linear {
    let weights = take(names.count * outputs * inputs)
    for (index, name) in names.enumerated() {
      let matrix = try Self.start(of: tensors.floats("\(name).weight", outputs, inputs))
      transformer_pack(weights + index * outputs * inputs, matrix, outputs, inputs)
    }
    return EncoderWeights.Linear(
      weights: .single(weights), bias: try biases(names, outputs), outputs: names.count * outputs, inputs: inputs)
  }

  private mutating func large(
    _ name: String, outputs: Int, inputs: Int
  ) throws(Safetensors.Fault) -> EncoderWeights.Linear {
    guard isMixed else { return try linear([name], outputs: outputs, inputs: inputs) }
    let matrix = try Self.start(of: tensors.floats("\(name).weight", outputs, inputs))
    let weights = UnsafeMutableRawPointer(take(outputs * inputs / 2))
      .bindMemory(to: UInt16.self, capacity: outputs * inputs)
    transformer_pack_bf16(weights, matrix, outputs, inputs)
    return EncoderWeights.Linear(
      weights: .bf16(weights), bias: try biases([name], outputs), outputs: outputs, inputs: inputs)
  }

  private mutating func biases(_ names: [String], _ count: Int) throws(Safetensors.Fault) -> UnsafePointer<Float> {
    let start = take(names.count * count)
    for (index, name) in names.enumerated() {
      (start + index * count).update(from: try Self.start(of: tensors.floats("\(name).bias", count)), count: count)
    }
    return UnsafePointer(start)
  }

  private mutating func copied(_ name: String, _ count: Int) throws(Safetensors.Fault) -> UnsafePointer<Float> {
    let start = take(count)
    start.update(from: try Self.start(of: tensors.floats(name, count)), count: count)
    return UnsafePointer(start)
  }

  /// Room for `count` floats, a multiple of 16, so that what follows is aligned as well.
  private mutating func take(_ count: Int) -> UnsafeMutablePointer<Float> {
    defer { used += count }
    precondition(used + count <= store.capacity, "the sizes of tensors are constants")
    return store.start + used
  }
}
