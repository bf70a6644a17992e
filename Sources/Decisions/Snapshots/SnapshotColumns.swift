import Values

/// The columns of a snapshot's content: numbers of one kind beside each other compress better than one ad after
/// another.
///
/// The order is part of the format.
enum SnapshotColumn: Int, CaseIterable {
  case head, texts, textLengths, keys, keyLengths, flags, counts, removedDays
  case day, spend, impressions, clicks, leads
  case enteredOn, waiting, advanced, lost
  case logCounts, logs, squares
  case totalImpressions, totalClicks, totalSpend, pipelineValue, cashRevenue, age, statedBudget
  /// Numbers that only eight bytes represent exactly.
  case doubles
}

/// Writes numbers and texts into columns.
struct SnapshotWriter {
  private var columns = [[UInt8]](repeating: [], count: SnapshotColumn.allCases.count)

  /// Writes an integer with seven bits per byte, the lowest first, and the sign as the lowest bit.
  mutating func put(_ number: Int, _ column: SnapshotColumn) {
    var rest = UInt64(bitPattern: Int64(number &<< 1) ^ Int64(number &>> 63))
    while rest >= 0x80 {
      columns[column.rawValue].append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    columns[column.rawValue].append(UInt8(truncatingIfNeeded: rest))
  }

  /// Writes a number that is read back to the bit: as hundredths or millionths, as amounts are, or as its eight bytes.
  mutating func put(_ number: Double, _ column: SnapshotColumn) {
    if let hundredths = Self.units(of: number, perOne: 100) {
      put(hundredths &<< 2, column)
    } else if let millionths = Self.units(of: number, perOne: 1_000_000) {
      put(millionths &<< 2 | 1, column)
    } else {
      put(2, column)
      for shift in stride(from: UInt64(0), to: 64, by: 8) {
        columns[SnapshotColumn.doubles.rawValue].append(UInt8(truncatingIfNeeded: number.bitPattern >> shift))
      }
    }
  }

  private static func units(of number: Double, perOne scale: Double) -> Int? {
    let scaled = (number * scale).rounded()
    guard scaled.magnitude < 0x1p53, let units = Int(exactly: scaled) else { return nil }
    return (Double(units) / scale).bitPattern == number.bitPattern ? units : nil
  }

  mutating func put(_ text: String) {
    put(text.utf8.count, .textLengths)
    columns[SnapshotColumn.texts.rawValue].append(contentsOf: text.utf8)
  }

  /// Writes an ad's key as the difference from the `previous` one.
  mutating func putKey(_ key: [UInt8], after previous: [UInt8]) {
    let shared = zip(key, previous).prefix { $0 == $1 }.count
    put(shared, .keyLengths)
    put(key.count - shared, .keyLengths)
    columns[SnapshotColumn.keys.rawValue].append(contentsOf: key[shared...])
  }

  /// The columns one after another, each preceded by its length.
  var bytes: [UInt8] {
    var all = SnapshotWriter()
    var bytes: [UInt8] = []
    bytes.reserveCapacity(columns.reduce(4 * columns.count) { $0 + $1.count })
    for column in columns {
      all.columns[0].removeAll(keepingCapacity: true)
      all.put(column.count, .head)
      bytes += all.columns[0]
      bytes += column
    }
    return bytes
  }
}

/// Reads what a ``SnapshotWriter`` wrote. Throws ``SnapshotProblem/damaged(_:)`` where a column ends too early.
struct SnapshotReader {
  private let bytes: [UInt8]
  private var positions: [Int] = []
  private var ends: [Int] = []

  init(_ bytes: [UInt8]) throws(SnapshotProblem) {
    self.bytes = bytes
    var position = 0
    for _ in SnapshotColumn.allCases {
      let length = try Self.number(bytes, &position, bytes.count)
      guard length >= 0, length <= bytes.count - position else { throw .damaged("a column is cut off") }
      positions.append(position)
      position += length
      ends.append(position)
    }
    guard position == bytes.count else { throw .damaged("there is more than its columns") }
  }

  mutating func take(_ column: SnapshotColumn) throws(SnapshotProblem) -> Int {
    try Self.number(bytes, &positions[column.rawValue], ends[column.rawValue])
  }

  /// A count of things of at least one byte each, so that there cannot be more of them than bytes.
  mutating func takeCount(_ column: SnapshotColumn) throws(SnapshotProblem) -> Int {
    let count = try take(column)
    guard count >= 0, count <= bytes.count else { throw .damaged("there are no \(count) of a thing") }
    return count
  }

  mutating func takeDouble(_ column: SnapshotColumn) throws(SnapshotProblem) -> Double {
    let code = try take(column)
    switch code & 3 {
    case 0: return Double(code >> 2) / 100
    case 1: return Double(code >> 2) / 1_000_000
    default:
      let eight = try takeBytes(8, .doubles)
      return Double(bitPattern: eight.reversed().reduce(0) { $0 << 8 | UInt64($1) })
    }
  }

  mutating func takeText() throws(SnapshotProblem) -> String {
    let length = try takeCount(.textLengths)
    return try Self.text(takeBytes(length, .texts))
  }

  /// The key after `previous`, of at most `limit` bytes.
  mutating func takeKey(after previous: [UInt8], limit: Int) throws(SnapshotProblem) -> [UInt8] {
    let (shared, rest) = (try takeCount(.keyLengths), try takeCount(.keyLengths))
    guard shared <= previous.count, shared + rest <= limit else { throw .damaged("an ad's id is too long") }
    return Array(previous[..<shared]) + (try takeBytes(rest, .keys))
  }

  static func text(_ bytes: some Sequence<UInt8>) throws(SnapshotProblem) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .damaged("a text is not UTF-8") }
    return text
  }

  /// Throws where anything is left.
  func finish() throws(SnapshotProblem) {
    guard positions == ends else { throw .damaged("a column is too long") }
  }

  private mutating func takeBytes(
    _ count: Int, _ column: SnapshotColumn
  ) throws(SnapshotProblem) -> ArraySlice<UInt8> {
    let start = positions[column.rawValue]
    guard count <= ends[column.rawValue] - start else { throw .damaged("a column is cut off") }
    positions[column.rawValue] += count
    return bytes[start..<(start + count)]
  }

  private static func number(
    _ bytes: [UInt8], _ position: inout Int, _ end: Int
  ) throws(SnapshotProblem) -> Int {
    var (value, shift): (UInt64, UInt64) = (0, 0)
    while true {
      guard position < end, shift < 64 else { throw .damaged("a number is cut off") }
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      shift += 7
      if byte < 0x80 { break }
    }
    return Int(truncatingIfNeeded: value >> 1) ^ -Int(truncatingIfNeeded: value & 1)
  }
}
