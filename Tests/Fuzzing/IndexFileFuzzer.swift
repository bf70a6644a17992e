import CZlib
import Foundation
import VectorIndex
import VectorIndexNative

/// Reads files of vectors of which something was changed, and uses what comes of those that are still read: code without
/// checks follows every link and number in them.
package struct IndexFileFuzzer: Sendable {
  private let seed: UInt64
  private let folder: URL
  private static let dimension = 6
  private static let rows = 90

  /// Works in `folder`, where it writes each file before it reads it, to `last-index-file`.
  package init(seed: UInt64, folder: URL) {
    self.seed = seed
    self.folder = folder
  }

  /// Reads files `first`, `first + 1`, ...
  package func run(from first: Int = 0, files: Int) throws -> FuzzReport {
    var report = FuzzReport()
    let originals = try makeOriginals()
    for number in first..<(first + files) {
      var random = FuzzRandom(seed: seed, number: number)
      let original = originals[number % originals.count]
      let bytes = original.kind.repaired(mutated(original.bytes, &random), &random)
      try Data(bytes).write(to: folder.appending(path: "last-index-file"))
      do {
        try use(bytes, as: original.kind)
        report.add("\(original.kind) read")
      } catch let error as VectorIndexError {
        report.add("\(original.kind) refused")
        if "\(error)".isEmpty { add("a refusal without a reason", "", number, bytes, &report) }
      } catch let error as Misbehaviour {
        report.add("\(original.kind) read")
        add("a file that is read and not served", error.what, number, bytes, &report)
      }
    }
    return report
  }

  private func add(_ problem: String, _ answer: String, _ number: Int, _ bytes: [UInt8], _ report: inout FuzzReport) {
    let input = Data(bytes).base64EncodedString()
    report.add(
      FuzzFailure(seed: seed, number: number, problem: problem, input: input, answer: answer), kind: problem + answer)
  }

  private struct Original {
    let kind: Kind
    let bytes: [UInt8]
  }

  private enum Kind: CaseIterable {
    case faiss, snapshot, array

    /// The bytes with a checksum that fits, mostly: what lies behind the checksum must stand by itself.
    func repaired(_ bytes: [UInt8], _ random: inout FuzzRandom) -> [UInt8] {
      guard self == .snapshot, bytes.count > 4, !random.chance(1, in: 10) else { return bytes }
      let body = bytes.dropLast(4)
      let checksum = Array(body).withUnsafeBufferPointer { crc32_z(0, $0.baseAddress, $0.count) }
      return body + withUnsafeBytes(of: UInt32(truncatingIfNeeded: checksum).littleEndian, Array.init)
    }
  }

  private struct Misbehaviour: Error {
    let what: String
  }

  private func makeOriginals() throws -> [Original] {
    var random = FuzzRandom(seed: seed, number: -1)
    let flat = ExactIndex(dimension: Self.dimension)
    let graph = try HNSWIndex(
      dimension: Self.dimension, parameters: HNSWParameters(links: 3, buildWidth: 20, searchWidth: 4))
    for id in 0..<Int64(Self.rows) {
      let vector = randomUnit(&random)
      try flat.put(id * 7, vector)
      try graph.put(id * 7, vector)
    }
    let (plain, linked) = (try flat.contents(), try graph.contents())
    for id in 0..<Int64(12) { graph.remove(id * 21) }
    let holed = try graph.contents()
    let array = NumPyArray(columns: Self.dimension, values: plain.components)
    return try [
      Original(kind: .faiss, bytes: FAISSFile(linked).bytes),
      Original(kind: .faiss, bytes: FAISSFile(linked).bytesWithoutIDs),
      Original(kind: .faiss, bytes: FAISSFile(metric: .squaredDistance, linked).bytes),
      Original(kind: .faiss, bytes: FAISSFile(plain).bytes),
      Original(kind: .snapshot, bytes: IndexSnapshot(model: "model", plain).bytes),
      Original(kind: .snapshot, bytes: IndexSnapshot(model: "model", linked).bytes),
      Original(kind: .snapshot, bytes: IndexSnapshot(model: "model", holed).bytes),
      Original(kind: .array, bytes: array?.bytes ?? []),
    ]
  }

  private func randomUnit(_ random: inout FuzzRandom) -> [Float] {
    let vector = (0..<Self.dimension).map { _ in Float.random(in: -1...1, using: &random) }
    let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return length > 0.01 ? vector.map { $0 / length } : randomUnit(&random)
  }

  private func mutated(_ original: [UInt8], _ random: inout FuzzRandom) -> [UInt8] {
    var bytes = original
    for _ in 0...(random.chance(1, in: 2) ? 0 : random.small(6)) where bytes.count > 16 {
      // A third of the changes strike the first bytes, where the counts are.
      let last = random.chance(1, in: 3) ? min(bytes.count - 1, 400) : bytes.count - 1
      let place = random.int(0...last)
      switch random.int(0...9) {
      case 0...2: bytes[place] ^= 1 << UInt8(random.int(0...7))
      case 3: bytes[place] = UInt8(random.int(0...255))
      case 4, 5:
        // A number of the file in the place of another: a link that leads elsewhere, say.
        let target = min(place, bytes.count - 4) & ~3
        let source = random.int(0...(bytes.count - 4)) & ~3
        bytes.replaceSubrange(target..<(target + 4), with: Array(bytes[source..<(source + 4)]))
      case 6: bytes.removeLast(random.int(1...16))
      case 7: bytes.insert(contentsOf: Array(bytes[place...].prefix(random.int(1...16))), at: place)
      case 8: bytes.removeSubrange(place..<min(bytes.count, place + random.int(1...16)))
      default: write(random.pick(Self.numbers), wide: random.chance(1, in: 2), at: place, of: &bytes)
      }
    }
    return bytes
  }

  private static let numbers: [Int64] = [
    0, 1, -1, -2, 2, 5, 89, 90, 91, 127, 255, 256, 65_535, 65_536, 1 << 20, Int64(Int32.max), Int64(Int32.min), 1 << 32,
    1 << 61, .max, .min,
  ]

  private func write(_ number: Int64, wide: Bool, at place: Int, of bytes: inout [UInt8]) {
    for (index, byte) in withUnsafeBytes(of: number.littleEndian, Array.init).prefix(wide ? 8 : 4).enumerated()
    where place + index < bytes.count {
      bytes[place + index] = byte
    }
  }

  private func use(_ bytes: [UInt8], as kind: Kind) throws {
    switch kind {
    case .array: _ = try NumPyArray(bytes)
    case .snapshot: try use(IndexSnapshot(bytes).contents)
    case .faiss:
      let file = try FAISSFile(bytes)
      try exercise(FAISSIndex(file), file.contents.count)
      try use(file.contents)
    }
  }

  private func use(_ contents: IndexContents) throws {
    let index = try HNSWIndex(contents, parameters: HNSWParameters(searchWidth: 3))
    try exercise(index, contents.count)
    // What an index holds passes the checks that a file's contents pass, or this throws.
    do {
      _ = try index.contents()
    } catch {
      throw Misbehaviour(what: "the contents became inconsistent: \(error)")
    }
  }

  /// Searches, replaces, adds and removes. What an index says of itself must stay true.
  private func exercise(_ index: any VectorIndex, _ count: Int) throws {
    guard index.count == count else { throw Misbehaviour(what: "another count") }
    let query = (0..<index.dimension).map { $0 == 0 ? Float(1) : 0 }
    for limit in [1, 10, count] {
      let found = try index.search(query, limit: limit, where: nil)
      if found.count != min(limit, count) { throw Misbehaviour(what: "\(found.count) of \(limit) found") }
    }
    _ = try index.search(query, limit: 3) { $0.isMultiple(of: 2) }
    for id in [0, 7, 70, 1_000, 1_001] as [Int64] { try index.put(id, query) }
    for id in [7, 14, 1_000] as [Int64] { index.remove(id) }
    guard try index.search(query, limit: 1, where: { $0 == 1_001 }).map(\.id) == [1_001] else {
      throw Misbehaviour(what: "what was put is not found")
    }
  }
}
