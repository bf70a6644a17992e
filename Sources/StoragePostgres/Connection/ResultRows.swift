import CLibPQ
import Glibc
import Storage
import Values

/// A libpq result, freed with this object.
final class ServerResult {
  let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) {
    self.pointer = pointer
  }

  deinit {
    PQclear(pointer)
  }

  var status: ExecStatusType { PQresultStatus(pointer) }

  /// Whether the command succeeded, as far as this result tells.
  var isUsable: Bool {
    switch status {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY: true
    default: false
    }
  }

  /// Whether the command failed, or was skipped after another's failure. A result that is neither usable nor a failure,
  /// such as the start of a `COPY`, must not occur in a batch.
  var isFailure: Bool {
    switch status {
    case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE, PGRES_PIPELINE_ABORTED: true
    default: false
    }
  }

  var rowCount: Int32 { PQntuples(pointer) }

  /// How many rows a statement changed: 0 for a statement that changes none by its nature, such as one that reads.
  var changedRows: Int {
    guard let tag = PQcmdStatus(pointer), let count = PQcmdTuples(pointer) else { return 0 }
    for changing in ["INSERT", "UPDATE", "DELETE", "MERGE"] as [StaticString] {
      if strncmp(tag, changing.utf8Start, changing.utf8CodeUnitCount) == 0 { return atol(count) }
    }
    return 0
  }

  /// A field of an error report: `code` is one of libpq's letters.
  func field(_ code: Character) -> String? {
    code.asciiValue.flatMap { PQresultErrorField(pointer, Int32($0)) }.map { String(cString: $0) }
  }
}

/// Reads rows of results that have the same columns as a first one.
struct RowReader {
  private let columns: Row.Columns
  private let names: [String]
  private let types: [ColumnType]

  private enum ColumnType {
    case own(WireType)
    case vector
  }

  /// `vectorType` is asked for the OID of the vector type where a column may be a vector.
  ///
  /// Throws ``DatabaseError/failed(_:)`` for a column whose type this driver cannot read.
  init(_ result: ServerResult, vectorType: () throws -> Oid?) throws {
    var names: [String] = []
    var types: [ColumnType] = []
    for column in 0..<PQnfields(result.pointer) {
      let name = String(cString: PQfname(result.pointer, column))
      let number = PQftype(result.pointer, column)
      if let type = WireType(rawValue: number) {
        types.append(.own(type))
      } else if try number == vectorType() {
        types.append(.vector)
      } else {
        throw DatabaseError.failed("the column \(name) has a type (\(number)) that cannot be read: cast it to TEXT")
      }
      names.append(name)
    }
    self.names = names
    self.types = types
    columns = Row.Columns(names: names)
  }

  /// Throws ``DatabaseError/unreadableColumn(_:)`` for a value that `SQLValue` cannot represent, such as infinity.
  func row(_ row: Int32, of result: ServerResult) throws(DatabaseError) -> Row {
    var values: [SQLValue] = []
    values.reserveCapacity(types.count)
    for (index, type) in types.enumerated() {
      let column = Int32(truncatingIfNeeded: index)
      guard PQgetisnull(result.pointer, row, column) == 0, let start = PQgetvalue(result.pointer, row, column) else {
        values.append(.null)
        continue
      }
      let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result.pointer, row, column)))
      guard let value = Self.value(of: type, bytes) else { throw .unreadableColumn(names[index]) }
      values.append(value)
    }
    return Row(columns: columns, values: values)
  }

  private static func value(of type: ColumnType, _ bytes: UnsafeRawBufferPointer) -> SQLValue? {
    switch type {
    case .own(let type): value(of: type, bytes)
    case .vector: WireVector(bytes).map { .vector($0.numbers) }
    }
  }

  private static func value(of type: WireType, _ bytes: UnsafeRawBufferPointer) -> SQLValue? {
    switch type {
    case .bool: integer(bytes, as: UInt8.self).map { .bool($0 != 0) }
    case .int2: integer(bytes, as: Int16.self).map { .integer(Int64($0)) }
    case .int4: integer(bytes, as: Int32.self).map { .integer(Int64($0)) }
    case .int8: integer(bytes, as: Int64.self).map { .integer($0) }
    case .oid: integer(bytes, as: UInt32.self).map { .integer(Int64($0)) }
    case .float4: integer(bytes, as: UInt32.self).map { .double(Double(Float(bitPattern: $0))) }
    case .float8: integer(bytes, as: UInt64.self).map { .double(Double(bitPattern: $0)) }
    case .numeric: WireNumeric(bytes)?.value
    case .text, .varchar, .bpchar, .name, .json, .unknown: .text(String(decoding: bytes, as: UTF8.self))
    case .jsonb: bytes.first == 1 ? .text(String(decoding: bytes.dropFirst(), as: UTF8.self)) : nil
    case .uuid: uuid(bytes).map { .text($0) }
    case .timestamptz: instant(bytes).map { .instant($0) }
    case .date: day(bytes).map { .day($0) }
    case .bytea: .bytes(Array(bytes))
    case .void: .null
    }
  }

  private static func integer<Number: FixedWidthInteger>(
    _ bytes: UnsafeRawBufferPointer, as type: Number.Type
  ) -> Number? {
    bytes.count == MemoryLayout<Number>.size ? Number(bigEndian: bytes.loadUnaligned(as: type)) : nil
  }

  /// Nil for infinity, which PostgreSQL writes as the largest and smallest numbers.
  private static func instant(_ bytes: UnsafeRawBufferPointer) -> Instant? {
    guard let count = integer(bytes, as: Int64.self), count != .min else { return nil }
    let (microseconds, overflow) = count.addingReportingOverflow(WireEpoch.microseconds)
    return overflow ? nil : Instant(microseconds: microseconds)
  }

  /// Nil for infinity, as with instants.
  private static func day(_ bytes: UnsafeRawBufferPointer) -> CalendarDay? {
    guard let days = integer(bytes, as: Int32.self), days != .min, days != .max else { return nil }
    return CalendarDay(daysSinceEpoch: Int(days) + WireEpoch.days)
  }

  private static func uuid(_ bytes: UnsafeRawBufferPointer) -> String? {
    guard bytes.count == 16 else { return nil }
    return bytes.enumerated().reduce(into: "") { text, byte in
      if [4, 6, 8, 10].contains(byte.offset) { text += "-" }
      text += byte.element < 16 ? "0" : ""
      text += String(byte.element, radix: 16)
    }
  }
}
