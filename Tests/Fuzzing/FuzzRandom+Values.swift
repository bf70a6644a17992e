extension FuzzRandom {
  /// Text that may be anything.
  mutating func hostileText() -> String {
    if chance(1, in: 3) {
      let length = small(40)
      return String(
        String.UnicodeScalarView(
          (0..<length).compactMap { _ in
            let range = pick([0x20...0x7E, 0x0...0x1F, 0x80...0x24F, 0x300...0x36F, 0x4E00...0x4FFF, 0x1F300...0x1F5FF])
            return Unicode.Scalar(UInt32(int(range)))
          }))
    }
    return pick(HostileValues.texts)
  }

  /// A number as JSON writes it, or nearly.
  mutating func hostileNumber() -> String {
    switch int(0...5) {
    case 0: "\(Int64(bitPattern: next()))"
    case 1: "\(Double(bitPattern: next()))"
    case 2: "\(Double.random(in: -10...10, using: &self))e\(int(-330...330))"
    case 3: "\(int(-3...1_000))"
    default: pick(HostileValues.numbers)
    }
  }

  /// A value of any kind.
  mutating func hostileValue() -> FuzzJSON {
    switch int(0...9) {
    case 0...3: return .raw(hostileNumber())
    case 4...6: return .string(hostileText())
    case 7: return .raw(pick(HostileValues.words))
    case 8:
      let depth = pick([1, 10, 100, 513, 5_000])
      let (opening, closing) = chance(1, in: 2) ? ("[", "]") : ("{\"a\":", "}")
      return .raw(String(repeating: opening, count: depth) + "1" + String(repeating: closing, count: depth))
    default: return .array((0..<small(50)).map { _ in .raw(hostileNumber()) })
    }
  }
}
