/// A seeded source of test cases: a 64-bit linear congruential generator with Knuth's multiplier.
package struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Starts the stream of `seed`.
  package init(seed: UInt64) {
    state = seed
  }

  /// The next 64 bits. The low bits of such a generator are poor, so two steps give the halves of one number.
  package mutating func next() -> UInt64 {
    let high = step() >> 32
    return high << 32 | step() >> 32
  }

  /// A number of `range`.
  package mutating func int(in range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }

  private mutating func step() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state
  }
}
