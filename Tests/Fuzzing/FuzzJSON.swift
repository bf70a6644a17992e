import Formats

/// JSON as it is sent: also what no writer of JSON would write.
indirect enum FuzzJSON: Sendable {
  /// Characters as they stand, such as a number of 400 digits.
  case raw(String)
  case string(String)
  case array([FuzzJSON])
  /// Members in their order; a key may stand there twice.
  case object([(key: String, value: FuzzJSON)])

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    write(to: &bytes)
    return bytes
  }

  private func write(to bytes: inout [UInt8]) {
    switch self {
    case .raw(let text): bytes += text.utf8
    case .string(let text): Self.write(text, to: &bytes)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        element.write(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        Self.write(member.key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.value.write(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static func write(_ text: String, to bytes: inout [UInt8]) {
    var json = JSONWriter()
    json.value(text)
    bytes += json.bytes
  }

  /// How many values this is made of, itself included.
  var count: Int {
    switch self {
    case .raw, .string: 1
    case .array(let elements): elements.reduce(1) { $0 + $1.count }
    case .object(let members): members.reduce(1) { $0 + $1.value.count }
    }
  }

  /// The same with the value at `place`, counted from 0 in the order of writing, changed by `change`.
  func changing(_ place: Int, _ change: (FuzzJSON) -> FuzzJSON) -> FuzzJSON {
    guard place > 0 else { return change(self) }
    var left = place - 1
    func inside(_ value: FuzzJSON) -> FuzzJSON {
      defer { left -= value.count }
      return (0..<value.count).contains(left) ? value.changing(left, change) : value
    }
    switch self {
    case .raw, .string: return self
    case .array(let elements): return .array(elements.map(inside))
    case .object(let members): return .object(members.map { ($0.key, inside($0.value)) })
    }
  }
}
