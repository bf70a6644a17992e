import CTransformer
import Foundation
import TestKit
import Testing

@testable import TextEmbeddingMiniLM

/// The arithmetic in C against the formulas, for each kind of instructions and for rows that fill no tile.
struct KernelTests {
  static let instructions: [transformer_instructions] = [
    TRANSFORMER_PORTABLE, TRANSFORMER_AVX2, TRANSFORMER_AVX512, TRANSFORMER_AVX512_BF16,
  ].filter { $0.rawValue <= transformer_best_instructions().rawValue }

  private static let rowCounts = [1, 3, 5, 7, 11, 12, 13, 25, 33, 64]

  private static func floats(_ count: Int, _ random: inout SeededRandom) -> [Float] {
    (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
  }

  private static func gelu(_ x: Double) -> Double { x / 2 * (1 + erf(x / 2.0.squareRoot())) }

  @Test("Products and their units are as the formulas say")
  func linear() {
    let (outputs, inputs) = (96, 48)
    var random = SeededRandom(seed: 1)
    let weights = Self.floats(outputs * inputs, &random)
    let bias = Self.floats(outputs, &random)
    var packed = [Float](repeating: 0, count: weights.count)
    var halves = [UInt16](repeating: 0, count: weights.count)
    transformer_pack(&packed, weights, outputs, inputs)
    transformer_pack_bf16(&halves, weights, outputs, inputs)
    for rows in Self.rowCounts {
      let x = Self.floats(rows * inputs, &random)
      let expected = (0..<rows * outputs).map { place in
        let (row, output) = (place / outputs, place % outputs)
        return (0..<inputs).reduce(Double(bias[output])) {
          $0 + Double(x[row * inputs + $1]) * Double(weights[output * inputs + $1])
        }
      }
      var y = [Float](repeating: .nan, count: rows * outputs)
      for set in Self.instructions {
        transformer_linear(set, &y, x, packed, bias, rows, outputs, inputs)
        #expect(zip(y, expected).allSatisfy { abs(Double($0) - $1) < 1e-4 }, "\(set), \(rows) rows")
        transformer_linear_gelu(set, &y, x, packed, bias, rows, outputs, inputs)
        #expect(zip(y, expected).allSatisfy { abs(Double($0) - Self.gelu($1)) < 1e-4 }, "\(set), \(rows) rows")
        guard set == TRANSFORMER_AVX512_BF16 else { continue }
        var scratch = [UInt16](repeating: 0, count: rows * inputs)
        transformer_linear_bf16(&y, x, halves, bias, &scratch, rows, outputs, inputs, 0)
        #expect(zip(y, expected).allSatisfy { abs(Double($0) - $1) < 0.05 }, "\(rows) rows")
      }
    }
  }

  @Test("Attention is the mean of values, weighted by the softmax of scores")
  func attention() {
    let width = 64
    var random = SeededRandom(seed: 2)
    for rows in Self.rowCounts {
      let qkv = Self.floats(rows * 3 * width, &random)
      let expected = Self.attention(qkv, rows: rows, width: width)
      for set in Self.instructions {
        var context = [Float](repeating: .nan, count: rows * width)
        var scratch = [Float](repeating: .nan, count: transformer_attention_scratch(rows))
        transformer_attention(set, &context, qkv, rows, width, &scratch)
        #expect(zip(context, expected).allSatisfy { abs(Double($0) - $1) < 1e-5 }, "\(set), \(rows) rows")
      }
    }
  }

  private static func attention(_ qkv: [Float], rows: Int, width: Int) -> [Double] {
    func value(_ row: Int, _ part: Int, _ column: Int) -> Double { Double(qkv[(row * 3 + part) * width + column]) }
    return (0..<rows * width).map { place in
      let (row, column) = (place / width, place % width)
      let head = column / 32 * 32
      let weights = (0..<rows).map { other in
        exp((head..<head + 32).reduce(0) { $0 + value(row, 0, $1) * value(other, 1, $1) } / 32.0.squareRoot())
      }
      return (0..<rows).reduce(0) { $0 + weights[$1] * value($1, 2, column) } / weights.reduce(0, +)
    }
  }
}
