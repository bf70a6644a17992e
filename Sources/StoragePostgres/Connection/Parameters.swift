import CLibPQ
import Storage
import Values

/// The values of one execution in libpq's form: for each its type, bytes, length and format.
///
/// Values are sent in binary with their type, so that the server need not guess. Text and nulls are sent without a
/// type: the server infers it from the context, where text may become JSON.
struct Parameters {
  /// The types: `unknown` for text, and 0 for a null, which fits any type.
  private(set) var types: [Oid] = []
  private var offsets: [Int?] = []
  private var lengths: [Int32] = []
  private var formats: [Int32] = []
  private var bytes: [UInt8] = []

  private static let binary: Int32 = 1
  private static let textual: Int32 = 0
  /// libpq's protocol counts values in 16 bits.
  static let largestCount = 65_535

  /// No values.
  static let none = Parameters()

  private init() {}

  /// `vectorType` is asked for the OID of the vector type if any value is a vector.
  ///
  /// Throws ``DatabaseError/checkViolation(_:)`` for a value that PostgreSQL cannot hold, and
  /// ``DatabaseError/failed(_:)`` for a vector where the database has no vector type.
  init(_ values: [SQLValue], vectorType: () throws -> Oid? = { nil }) throws {
    guard values.count <= Self.largestCount else {
      throw DatabaseError.failed("a statement takes at most \(Self.largestCount) values, not \(values.count)")
    }
    types.reserveCapacity(values.count)
    offsets.reserveCapacity(values.count)
    lengths.reserveCapacity(values.count)
    formats.reserveCapacity(values.count)
    bytes.reserveCapacity(values.count * 16)
    for value in values { try append(value, vectorType) }
  }

  private mutating func append(_ value: SQLValue, _ vectorType: () throws -> Oid?) throws {
    switch value {
    case .null: add(0, Self.textual, at: nil)
    case .integer(let number): add(number, as: .int8)
    case .double(let number): add(number.bitPattern, as: .float8)
    case .bool(let truth): add(truth ? 1 as UInt8 : 0, as: .bool)
    case .text(let text):
      // In text format a value ends at the first zero byte, so text containing one would be truncated.
      try value.checkStorable()
      add(text)
    case .money(let amount): add(WireNumeric(amount))
    case .instant(let instant):
      let (microseconds, overflow) = instant.microseconds.subtractingReportingOverflow(WireEpoch.microseconds)
      guard !overflow else { throw DatabaseError.checkViolation("a moment lies beyond PostgreSQL's range") }
      add(microseconds, as: .timestamptz)
    case .day(let day):
      let (days, overflow) = day.daysSinceEpoch.subtractingReportingOverflow(WireEpoch.days)
      guard !overflow, let days = Int32(exactly: days) else {
        throw DatabaseError.checkViolation("a day lies beyond PostgreSQL's range")
      }
      add(days, as: .date)
    case .bytes(let value):
      let start = bytes.count
      bytes.append(contentsOf: value)
      add(WireType.bytea.rawValue, Self.binary, at: start)
    case .vector(let numbers):
      try value.checkStorable()
      guard let type = try vectorType() else {
        throw DatabaseError.failed("this database has no vectors: its extension vector is missing")
      }
      let start = bytes.count
      WireVector(numbers).append(to: &bytes)
      add(type, Self.binary, at: start)
    }
  }

  private mutating func add(_ number: some FixedWidthInteger, as type: WireType) {
    let start = bytes.count
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    add(type.rawValue, Self.binary, at: start)
  }

  private mutating func add(_ number: WireNumeric) {
    let start = bytes.count
    for word in number.words { withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) } }
    add(WireType.numeric.rawValue, Self.binary, at: start)
  }

  private mutating func add(_ text: String) {
    let start = bytes.count
    bytes.append(contentsOf: text.utf8)
    bytes.append(0)
    add(WireType.unknown.rawValue, Self.textual, at: start)
  }

  private mutating func add(_ type: Oid, _ format: Int32, at start: Int?) {
    types.append(type)
    offsets.append(start)
    lengths.append(start.map { Int32(clamping: bytes.count - $0) } ?? 0)
    formats.append(format)
  }

  /// Provides the arrays that libpq's functions take, valid only inside `body`.
  func withPointers<Result>(
    _ body: (
      _ count: Int32, _ types: UnsafePointer<Oid>?, _ values: UnsafePointer<UnsafePointer<CChar>?>?,
      _ lengths: UnsafePointer<Int32>?,
      _ formats: UnsafePointer<Int32>?
    ) -> Result
  ) -> Result {
    bytes.withUnsafeBytes { bytes in
      let base = bytes.assumingMemoryBound(to: CChar.self).baseAddress
      let values = offsets.map { offset in offset.flatMap { offset in base.map { $0 + offset } } }
      return values.withUnsafeBufferPointer { values in
        lengths.withUnsafeBufferPointer { lengths in
          formats.withUnsafeBufferPointer { formats in
            types.withUnsafeBufferPointer { types in
              body(
                Int32(types.count), types.baseAddress, values.baseAddress, lengths.baseAddress, formats.baseAddress)
            }
          }
        }
      }
    }
  }
}
