import TestKit

extension SeededRandom {
  /// Up to `count` bytes.
  mutating func bytes(upTo count: Int) -> [UInt8] {
    (0..<int(in: 0...count)).map { _ in UInt8.random(in: 0...255, using: &self) }
  }

  /// Up to `count` of `characters`.
  mutating func text(of characters: String, upTo count: Int) -> String {
    let characters = Array(characters)
    return String((0..<int(in: 0...count)).map { _ in characters.randomElement(using: &self) ?? "a" })
  }
}
