import CTransformer

/// The network: numbers of pieces in, vectors of length 1 out. It is used by several threads at once, each with a
/// workspace of its own.
struct Encoder: Sendable {
  let weights: EncoderWeights

  private var instructions: transformer_instructions { weights.instructions }

  /// The most pieces that are computed at once: a workspace for them takes about 19 MB.
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
      multiply(layer.projections, buffers.x, to: buffers.projections, buffers, rows)
      attend(texts, buffers)
      multiply(layer.attention, buffers.context, to: buffers.y, buffers, rows)
      addAndNorm(buffers, layer.attentionNorm, rows)
      expand(layer.expansion, buffers, rows)
      multiply(layer.contraction, buffers.inner, to: buffers.y, buffers, rows)
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

  private func expand(_ linear: EncoderWeights.Linear, _ buffers: Workspace.Buffers, _ rows: Int) {
    switch linear.weights {
    case .single(let weights):
      transformer_linear_gelu(
        instructions, buffers.inner, buffers.x, weights, linear.bias, rows, linear.outputs, linear.inputs)
    case .bf16(let weights):
      transformer_linear_bf16(
        buffers.inner, buffers.x, weights, linear.bias, buffers.halves, rows, linear.outputs, linear.inputs, 1)
    }
  }

  private func multiply(
    _ linear: EncoderWeights.Linear, _ x: UnsafeMutablePointer<Float>, to y: UnsafeMutablePointer<Float>,
    _ buffers: Workspace.Buffers, _ rows: Int
  ) {
    switch linear.weights {
    case .single(let weights):
      transformer_linear(instructions, y, x, weights, linear.bias, rows, linear.outputs, linear.inputs)
    case .bf16(let weights):
      transformer_linear_bf16(y, x, weights, linear.bias, buffers.halves, rows, linear.outputs, linear.inputs, 0)
    }
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
    /// Of the inputs of a product in bfloat16.
    let halves: UnsafeMutablePointer<UInt16>
  }

  private var store = FloatStore(capacity: 0)

  /// Room for `rows` tokens of texts of at most `longest`, valid until it is asked for again.
  mutating func buffers(rows: Int, longest: Int) -> Buffers {
    let (width, inner) = (MiniLMShape.width, MiniLMShape.inner)
    let halves = rows * inner / 2
    let needed = rows * (6 * width + inner) + halves + transformer_attention_scratch(longest)
    if store.capacity < needed { store = FloatStore(capacity: needed) }
    var next = store.start
    func take(_ count: Int) -> UnsafeMutablePointer<Float> {
      defer { next += count }
      return next
    }
    return Buffers(
      x: take(rows * width), y: take(rows * width), context: take(rows * width), projections: take(rows * 3 * width),
      inner: take(rows * inner), scratch: take(transformer_attention_scratch(longest)),
      halves: UnsafeMutableRawPointer(take(halves)).bindMemory(to: UInt16.self, capacity: rows * inner))
  }
}
