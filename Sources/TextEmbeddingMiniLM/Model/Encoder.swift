import CTransformer

/// The network: numbers of pieces in, vectors of length 1 out. It is used by several threads at once, each with a
/// workspace of its own.
struct Encoder: Sendable {
  let weights: EncoderWeights
  let instructions: transformer_instructions

  init(_ weights: EncoderWeights, instructions: transformer_instructions = transformer_best_instructions()) {
    self.weights = weights
    self.instructions = instructions
  }

  /// The most pieces that are computed at once: a workspace for them takes about 15 MB.
  static let batchLimit = 1_024

  /// The vector of each text, in order. A text's vector is the same bit for bit whatever texts stand beside it.
  ///
  /// The pieces of all texts are rows of one matrix, one text behind the other: nothing is computed for padding. Each
  /// text must have 1 to `MiniLMShape.positions` pieces of the vocabulary.
  func encode(_ texts: [[Int32]], in workspace: inout Workspace) -> [[Float]] {
    let width = MiniLMShape.width
    let rows = texts.reduce(0) { $0 + $1.count }
    let buffers = workspace.buffers(rows: rows, longest: texts.lazy.map(\.count).max() ?? 0)
    embed(texts, buffers)
    for layer in weights.layers {
      linear(layer.projections, buffers.x, to: buffers.projections, rows)
      attend(texts, buffers)
      linear(layer.attention, buffers.context, to: buffers.y, rows)
      addAndNorm(buffers, layer.attentionNorm, rows)
      expand(layer.expansion, buffers, rows)
      linear(layer.contraction, buffers.inner, to: buffers.y, rows)
      addAndNorm(buffers, layer.outputNorm, rows)
    }
    var row = 0
    return texts.map { text in
      defer { row += text.count }
      return [Float](unsafeUninitializedCapacity: width) { vector, count in
        transformer_pool(instructions, vector.baseAddress, buffers.x + row * width, text.count, width)
        count = width
      }
    }
  }

  private func embed(_ texts: [[Int32]], _ buffers: Workspace.Buffers) {
    var row = 0
    for text in texts {
      transformer_embed(
        instructions, buffers.x + row * MiniLMShape.width, text, weights.words, weights.positions, weights.type,
        weights.embeddingNorm.scale, weights.embeddingNorm.shift, text.count, MiniLMShape.width,
        MiniLMShape.normEpsilon)
      row += text.count
    }
  }

  /// Tokens attend to those of their own text.
  private func attend(_ texts: [[Int32]], _ buffers: Workspace.Buffers) {
    var row = 0
    for text in texts {
      transformer_attention(
        instructions, buffers.context + row * MiniLMShape.width, buffers.projections + row * 3 * MiniLMShape.width,
        text.count, MiniLMShape.width, buffers.scratch)
      row += text.count
    }
  }

  private func linear(
    _ linear: EncoderWeights.Linear, _ x: UnsafeMutablePointer<Float>, to y: UnsafeMutablePointer<Float>, _ rows: Int
  ) {
    transformer_linear(instructions, y, x, linear.weights, linear.bias, rows, linear.outputs, linear.inputs)
  }

  private func expand(_ linear: EncoderWeights.Linear, _ buffers: Workspace.Buffers, _ rows: Int) {
    transformer_linear_gelu(
      instructions, buffers.inner, buffers.x, linear.weights, linear.bias, rows, linear.outputs, linear.inputs)
  }

  private func addAndNorm(_ buffers: Workspace.Buffers, _ norm: EncoderWeights.Norm, _ rows: Int) {
    transformer_add_norm(
      instructions, buffers.x, buffers.y, norm.scale, norm.shift, rows, MiniLMShape.width, MiniLMShape.normEpsilon)
  }
}

/// What a thread computes in, kept from batch to batch.
struct Workspace: ~Copyable {
  struct Buffers {
    /// The state of each token, which every layer changes.
    let x: UnsafeMutablePointer<Float>
    let y: UnsafeMutablePointer<Float>
    let context: UnsafeMutablePointer<Float>
    let projections: UnsafeMutablePointer<Float>
    let inner: UnsafeMutablePointer<Float>
    let scratch: UnsafeMutablePointer<Float>
  }

  private var store = FloatStore(capacity: 0)

  /// Room for `rows` tokens of texts of at most `longest`, valid until it is asked for again.
  mutating func buffers(rows: Int, longest: Int) -> Buffers {
    let width = MiniLMShape.width
    let needed = rows * (6 * width + MiniLMShape.inner) + transformer_attention_scratch(longest)
    if store.capacity < needed { store = FloatStore(capacity: needed) }
    let x = store.start
    let y = x + rows * width
    let context = y + rows * width
    let projections = context + rows * width
    let inner = projections + rows * 3 * width
    return Buffers(
      x: x, y: y, context: context, projections: projections, inner: inner, scratch: inner + rows * MiniLMShape.inner)
  }
}
