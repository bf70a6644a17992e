import Values

/// Rows of floats as NumPy's `.npy` file: 32-bit, little endian, in C order, of two dimensions.
///
/// The layout is that of https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, versions 1 to 3.
package struct NumPyArray: Hashable, Sendable {
  package let rows: Int
  package let columns: Int
  /// Row after row.
  package let values: [Float]

  /// An array of `values.count / columns` rows; nil where that leaves a rest, or columns is not positive.
  package init?(columns: Int, values: [Float]) {
    guard columns > 0, values.count.isMultiple(of: columns) else { return nil }
    rows = values.count / columns
    self.columns = columns
    self.values = values
  }

  /// One row.
  package subscript(row: Int) -> ArraySlice<Float> { values[(row * columns)..<((row + 1) * columns)] }

  /// Reads a file that was read already. Throws ``VectorIndexError/failed(_:)`` with what is wrong with it.
  package init(_ bytes: [UInt8]) throws(VectorIndexError) {
    var reader = VectorFileReader(bytes)
    try self.init(&reader)
  }

  /// Reads the file at `path`. Blocks the calling thread. Throws ``VectorIndexError/failed(_:)`` with what is wrong with
  /// it.
  package init(path: String) throws(VectorIndexError) {
    var reader = try VectorFileReader(path: path)
    try self.init(&reader)
  }

  private init(_ reader: inout VectorFileReader) throws(VectorIndexError) {
    guard try reader.bytes(6) == Self.magic else { throw .failed("this is no .npy file") }
    let version = try reader.bytes(2)
    guard (1...3).contains(version[0]) else { throw .failed(".npy files of version \(version[0]) are not read") }
    let length = version[0] == 1 ? Int(try reader.number(UInt16.self)) : Int(try reader.number(UInt32.self))
    guard length <= Self.longestHeader else { throw .failed("the .npy file's header is too long") }
    let header = String(decoding: try reader.bytes(length), as: UTF8.self)
    guard let shape = Self.shape(in: header) else {
      throw .failed("the .npy file must hold 32-bit floats ('<f4') in C order and two dimensions, not: \(header.line)")
    }
    let (count, overflow) = shape.rows.multipliedReportingOverflow(by: shape.columns)
    guard shape.columns > 0, !overflow, count == reader.remaining / MemoryLayout<Float>.size,
      reader.remaining.isMultiple(of: MemoryLayout<Float>.size)
    else { throw .failed("the .npy file is not as long as its shape says") }
    rows = shape.rows
    columns = shape.columns
    values = try reader.array(count: count)
  }

  /// The file's bytes, in memory.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    // What collects in memory does not throw.
    try? write { bytes += $0 }
    return bytes
  }

  /// Hands the file to `receive` in pieces of a megabyte or so, in order. Throws what `receive` throws.
  package func write(to receive: ([UInt8]) throws -> Void) throws {
    let dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
    // The values begin at a multiple of 64 bytes; the header ends with a line feed.
    let padding = 63 - (Self.magic.count + 4 + dictionary.utf8.count) % 64
    let header = dictionary + String(repeating: " ", count: padding) + "\n"
    try withoutActuallyEscaping(receive) { receive in
      var writer = VectorFileWriter(receive: receive)
      try writer.array(Self.magic + [1, 0])
      try writer.number(UInt16(clamping: header.utf8.count))
      try writer.array(Array(header.utf8))
      try writer.array(values)
      try writer.flush()
    }
  }

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  private static let longestHeader = 4_096

  /// The shape of what this type can hold; nil for anything else. The header is a Python dictionary with three keys.
  private static func shape(in header: String) -> (rows: Int, columns: Int)? {
    let pattern = #/\s*\{(.*)\}\s*/#.dotMatchesNewlines()
    let fields = #/\s*'(\w+)':\s*('[^']*'|True|False|\([\d,\s]*\))\s*(?:,|$)/#
    guard var rest = header.wholeMatch(of: pattern)?.output.1 else { return nil }
    var found: [Substring: Substring] = [:]
    while !rest.allSatisfy(\.isWhitespace) {
      guard let field = rest.prefixMatch(of: fields), found.updateValue(field.output.2, forKey: field.output.1) == nil
      else { return nil }
      rest = rest[field.range.upperBound...]
    }
    guard found.count == 3, found["descr"] == "'<f4'", found["fortran_order"] == "False",
      let sizes = found["shape"]?.wholeMatch(of: #/\(\s*(\d+)\s*,\s*(\d+)\s*,?\s*\)/#)?.output,
      let rows = Int(sizes.1), let columns = Int(sizes.2)
    else { return nil }
    return (rows, columns)
  }
}

extension String {
  /// Its beginning, with nothing in it that would break a line.
  fileprivate var line: String {
    String(unicodeScalars.filter { $0.isASCII && $0.value >= 32 }.prefix(120).map(Character.init))
  }
}
