import Formats

/// SplitMix64: the same numbers in every run.
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Cuts bytes into chunks of 0 to `longest` bytes.
  mutating func chunks(of bytes: [UInt8], longest: Int) -> [[UInt8]] {
    var chunks: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Int.random(in: 0...longest, using: &self)
      chunks.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    return chunks
  }

  /// Changes, removes, doubles or inserts a few bytes.
  mutating func mutated(_ bytes: [UInt8], with alphabet: [UInt8]) -> [UInt8] {
    var result = bytes
    for _ in 0..<Int.random(in: 1...4, using: &self) where !result.isEmpty {
      let index = Int.random(in: result.indices, using: &self)
      let byte =
        Bool.random(using: &self)
        ? alphabet.randomElement(using: &self) ?? 0 : UInt8.random(in: 0...255, using: &self)
      switch Int.random(in: 0..<4, using: &self) {
      case 0: result[index] = byte
      case 1: result.remove(at: index)
      case 2: result.insert(byte, at: index)
      default: result.removeSubrange(index...)
      }
    }
    return result
  }

  mutating func jsonValue(depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &self) {
    case 0: return nil
    case 1: return .bool(Bool.random(using: &self))
    case 2: return .number(String(Int64.random(in: .min ... .max, using: &self)))
    case 3: return .number(Double.random(in: -1e9...1e9, using: &self).description)
    case 4, 5: return .string(text())
    case 6: return .array((0..<Int.random(in: 0..<5, using: &self)).map { _ in jsonValue(depth: depth - 1) })
    default:
      let count = Int.random(in: 0..<5, using: &self)
      return .object(
        JSONObject((0..<count).map { .init(key: "\($0)" + text(), value: jsonValue(depth: depth - 1)) }))
    }
  }

  mutating func text() -> String {
    let alphabet: [Character] = ["a", "b", "\"", "\\", "/", "\n", "\u{1}", "é", "漢", "🎬", " ", "{", "]", ","]
    return String(
      (0..<Int.random(in: 0..<20, using: &self)).compactMap { _ in alphabet.randomElement(using: &self) })
  }
}
