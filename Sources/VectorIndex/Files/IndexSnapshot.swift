import Values

/// What an index holds and which model its vectors come from, as a file that is checked when it is read.
///
/// Little endian: `GVVI`, the version (UInt32), the model's name (counted UTF-8), dimension (UInt32), whether there is a
/// graph (UInt8), the vectors that are not removed (UInt64), then counted arrays: ids, components, removed rows, and of
/// a graph its levels and neighbours, then links, build width, entry row and top level (Int32 each). At the end the
/// CRC-32 of all before it. A count is a UInt64.
package struct IndexSnapshot: Hashable, Sendable {
  package let model: String
  package let contents: IndexContents

  private static let magic = Array("GVVI".utf8)
  private static let version: UInt32 = 1
  /// Longer names of models are not read.
  private static let longestName: UInt64 = 1_024

  package init(model: String, _ contents: IndexContents) {
    self.model = model
    self.contents = contents
  }

  /// Reads a snapshot that was read already. Throws ``VectorIndexError/failed(_:)`` with what is wrong with it.
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
    guard try reader.bytes(4) == Self.magic else { throw .failed("this is no snapshot of an index") }
    let version = try reader.number(UInt32.self)
    guard version == Self.version else { throw .failed("snapshots of version \(version) are not read") }
    let nameLength = try reader.number(UInt64.self)
    guard nameLength <= Self.longestName, case let name = try reader.bytes(Int(nameLength)),
      let model = String(validating: name, as: UTF8.self)
    else { throw .failed("the snapshot's model has no name that can be read") }
    let dimension = Int(try reader.number(UInt32.self))
    let hasGraph = try reader.number(UInt8.self) == 1
    let count = try reader.number(UInt64.self)
    let ids = try reader.counted(Int64.self)
    let components = try reader.counted(Float.self)
    let removedRows = try reader.counted(UInt32.self)
    let graph = hasGraph ? try VectorGraph(&reader) : nil
    let checksum = reader.checksum
    guard try reader.number(UInt32.self) == checksum, reader.remaining == 0 else {
      throw .failed("the snapshot is damaged: its checksum is another")
    }
    self.model = model
    contents = try IndexContents(
      dimension: dimension, ids: ids, components: components, removedRows: removedRows, graph: graph)
    guard contents.count == count else { throw .failed("the snapshot has more or fewer vectors than it says") }
  }

  /// The snapshot's bytes, in memory.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    // What collects in memory does not throw.
    try? write { bytes += $0 }
    return bytes
  }

  /// Hands the snapshot to `receive` in pieces of a megabyte or so, in order. Throws what `receive` throws.
  package func write(to receive: ([UInt8]) throws -> Void) throws {
    try withoutActuallyEscaping(receive) { receive in
      var writer = VectorFileWriter(receive: receive)
      try writer.array(Self.magic)
      try writer.number(Self.version)
      try writer.counted(Array(model.utf8.prefix(Int(Self.longestName))))
      try writer.number(UInt32(contents.dimension))
      try writer.number(UInt8(contents.graph == nil ? 0 : 1))
      try writer.number(UInt64(contents.count))
      try writer.counted(contents.ids)
      try writer.counted(contents.components)
      try writer.counted(contents.removedRows)
      try contents.graph?.write(to: &writer)
      let checksum = writer.checksum
      try writer.number(checksum)
      try writer.flush()
    }
  }
}

extension VectorGraph {
  fileprivate init(_ reader: inout VectorFileReader) throws(VectorIndexError) {
    let levels = try reader.counted(Int32.self)
    let neighbours = try reader.counted(Int32.self)
    let numbers = try reader.array(of: Int32.self, count: 4)
    self.init(
      links: Int(numbers[0]), buildWidth: Int(numbers[1]), levels: levels, neighbours: neighbours,
      entryRow: numbers[2], topLevel: numbers[3])
  }

  fileprivate func write(to writer: inout VectorFileWriter) throws {
    try writer.counted(levels)
    try writer.counted(neighbours)
    try writer.array([Int32(clamping: links), Int32(clamping: buildWidth), entryRow, topLevel])
  }
}
