import CVectors
import TestKit
import Testing

@Suite("Kernels")
struct KernelTests {
  @Test(
    "each kernel of this processor computes the same, wherever the rows lie", arguments: 0..<cvectors_kernel_count())
  func products(kernel: Int) {
    var random = SeededRandom(seed: 7)
    for length in [16, 32, 48, 64, 80, 384, 400, 1_536] {
      for shift in [0, 1, 3] {
        let numbers = (0..<(2 * length + shift)).map { _ in Float.random(in: -1...1, using: &random) }
        let (a, b) = (numbers[shift..<(shift + length)], numbers[(shift + length)...])
        let expected = zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        let product = numbers.withUnsafeBufferPointer { all -> Float in
          guard let start = all.baseAddress?.advanced(by: shift) else { return .nan }
          return cvectors_kernel_product(kernel, start, start.advanced(by: length), length)
        }
        let name = String(cString: cvectors_kernel_name(kernel))
        #expect(abs(Double(product) - expected) < 1e-4, "\(name), \(length) from \(shift)")
      }
    }
  }
}
