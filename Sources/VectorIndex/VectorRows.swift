/// Vectors by id in blocks of rows. A copy shares its blocks with the original until one of them changes, and then
/// only the block that changes is copied.
struct VectorRows: Sendable {
  /// How many rows a block has: large enough for a scan not to notice, small enough to be copied in passing.
  static let rowsInBlock = 256

  private let dimension: Int
  private let rowLength: Int
  private(set) var blocks: [VectorBlock] = []
  private var places: [Int64: Int] = [:]

  init(dimension: Int) {
    self.dimension = dimension
    rowLength = DotProduct.paddedLength(of: dimension)
  }

  var count: Int { places.count }

  /// Adds or replaces a vector of `dimension` components.
  mutating func put(_ id: Int64, _ vector: [Float]) {
    if let place = places[id] {
      blocks[place / Self.rowsInBlock].replace(place % Self.rowsInBlock, rowLength: rowLength, by: vector)
      return
    }
    places[id] = places.count
    if blocks.last.map({ $0.ids.count == Self.rowsInBlock }) ?? true {
      blocks.append(VectorBlock())
    }
    blocks[blocks.count - 1].append(id, vector, rowLength: rowLength)
  }

  /// Removes a vector; the last one takes its place, so that there are no gaps.
  mutating func remove(_ id: Int64) {
    guard let place = places.removeValue(forKey: id) else { return }
    let (lastID, lastVector) = blocks[blocks.count - 1].removeLast(rowLength: rowLength)
    if blocks[blocks.count - 1].ids.isEmpty { blocks.removeLast() }
    guard lastID != id else { return }
    places[lastID] = place
    blocks[place / Self.rowsInBlock].replace(
      place % Self.rowsInBlock, rowLength: rowLength, by: lastVector, id: lastID)
  }
}

/// Some vectors, one after the other, each padded with zeros to the same length.
struct VectorBlock: Sendable {
  private(set) var ids: [Int64] = []
  private(set) var components: [Float] = []

  fileprivate init() {}

  /// Hands each vector without its padding to `body`.
  func forEach(dimension: Int, _ body: (Int64, UnsafeBufferPointer<Float>) throws -> Void) rethrows {
    let rowLength = DotProduct.paddedLength(of: dimension)
    try components.withUnsafeBufferPointer { components in
      for (row, id) in ids.enumerated() {
        let start = row * rowLength
        try body(id, UnsafeBufferPointer(rebasing: components[start..<(start + dimension)]))
      }
    }
  }

  fileprivate mutating func append(_ id: Int64, _ vector: [Float], rowLength: Int) {
    if ids.isEmpty { components.reserveCapacity(rowLength) }
    ids.append(id)
    components.append(contentsOf: vector)
    components.append(contentsOf: repeatElement(0, count: rowLength - vector.count))
  }

  fileprivate mutating func replace(_ row: Int, rowLength: Int, by vector: some Collection<Float>, id: Int64? = nil) {
    if let id { ids[row] = id }
    var target = row * rowLength
    for component in vector {
      components[target] = component
      target += 1
    }
  }

  fileprivate mutating func removeLast(rowLength: Int) -> (Int64, [Float]) {
    let vector = Array(components.suffix(rowLength))
    components.removeLast(rowLength)
    return (ids.removeLast(), vector)
  }
}
