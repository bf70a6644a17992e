/// A repeatable sequence of random numbers, by the xorshift64* algorithm.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: Int) {
    state = UInt64(seed + 1) &* 0x9E37_79B9_7F4A_7C15
  }

  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_F491_4F6C_DD1D
  }

  mutating func bytes(upTo count: Int) -> [UInt8] {
    (0..<Int.random(in: 0...count, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) }
  }

  mutating func text(of characters: String, upTo count: Int) -> String {
    let characters = Array(characters)
    return String(
      (0..<Int.random(in: 0...count, using: &self)).map { _ in characters.randomElement(using: &self) ?? "a" })
  }
}
