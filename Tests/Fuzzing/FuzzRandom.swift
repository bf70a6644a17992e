/// A seeded source of choices. The same seed and number give the same choices on every machine.
package struct FuzzRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Begins the stream that belongs to `number` of `seed`.
  package init(seed: UInt64, number: Int) {
    state = seed &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(bitPattern: Int64(number)) &* 0xD1B5_4A32_D192_ED03
  }

  /// The next 64 bits (SplitMix64).
  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return bits ^ bits >> 31
  }

  /// True `count` times out of `total`.
  mutating func chance(_ count: Int, in total: Int) -> Bool {
    int(1...total) <= count
  }

  mutating func int(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }

  /// One of `choices`, of which there must be one.
  mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
    choices[int(0...(choices.count - 1))]
  }

  /// A count that is mostly small.
  mutating func small(_ most: Int) -> Int {
    chance(1, in: 20) ? int(0...most) : int(0...min(3, most))
  }
}
