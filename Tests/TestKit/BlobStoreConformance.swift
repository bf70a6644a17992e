import BlobStorage
import Testing
import Values

/// What every store of blobs must do, as checks that know only the protocol.
package enum BlobStoreConformance {
  /// All checks. Each takes a store of its own, without any blob, or names that nobody else uses.
  package static let cases: [BlobStoreCase] = writing + reading + conditions + lists

  private static let writing: [BlobStoreCase] = [
    BlobStoreCase("what is written is read, whatever its size") { store, names in
      for size in [0, 1, 7, 8, 9, 1_000, 262_144, 262_145, 700_001] {
        let bytes = Self.bytes(size, seed: UInt64(size))
        let name = names("size/\(size)")
        let blob = try await store.put(BlobContent(bytes), as: name, if: .absent)
        #expect(blob.name == name)
        #expect(blob.size == Int64(size))
        #expect(blob.checksum == CRC32C.value(of: bytes))
        #expect(try await store.head(name) == blob)
        let read = try #require(try await store.bytes(of: name, upTo: 1 << 20))
        #expect(read.bytes == bytes)
        #expect(read.blob == blob)
      }
    },
    BlobStoreCase("a name may be another one's folder, and look like a file's") { store, names in
      let texts = ["a", "a/b", "a.blob", "a.blob/b", "a/b.blob", "a/b/c", "A", "x@1=2+3_4-5"]
      for text in texts { _ = try await store.put(BlobContent(Array(text.utf8)), as: names(text), if: .absent) }
      for text in texts {
        #expect(try await store.bytes(of: names(text), upTo: 100)?.bytes == Array(text.utf8), "\(text)")
      }
      #expect(try await store.all(prefix: names("a").text, upTo: 100).count == 6)
    },
    BlobStoreCase("content that ends before its length writes nothing") { store, names async throws in
      let name = names("short")
      let content = BlobContent(length: 400_000) { offset, count in
        Array(repeating: 1, count: offset + Int64(count) > 300_000 ? count / 2 : count)
      }
      await #expect(throws: BlobStoreError.self) { try await store.put(content, as: name, if: .absent) }
      #expect(try await store.head(name) == nil)
    },
  ]

  private static let reading: [BlobStoreCase] = [
    BlobStoreCase("what is not there is missing") { store, names in
      let name = names("missing")
      #expect(try await store.head(name) == nil)
      #expect(try await store.bytes(of: name, upTo: 10) == nil)
      await #expect(throws: BlobStoreError.missing(name)) { try await store.get(name, upTo: 10) { _ in } }
      try await store.delete(name, BlobGeneration(1))
    },
    BlobStoreCase("a blob of more bytes than are wanted is refused before any comes") { store, names in
      let name = names("large")
      _ = try await store.put(BlobContent(bytes(11, seed: 1)), as: name, if: .absent)
      let error = await #expect(throws: BlobStoreError.self) {
        try await store.get(name, upTo: 10) { _ in Issue.record("a piece came") }
      }
      guard case .refused = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(try await store.bytes(of: name, upTo: 11)?.bytes.count == 11)
    },
    BlobStoreCase("what the receiver throws is thrown") { store, names in
      let name = names("stopped")
      _ = try await store.put(BlobContent(bytes(700_000, seed: 2)), as: name, if: .absent)
      await #expect(throws: Stop.self) { try await store.get(name, upTo: 1 << 20) { _ in throw Stop() } }
    },
    BlobStoreCase("pieces are bounded", needsPieces: true) { store, names in
      let name = names("pieces")
      _ = try await store.put(BlobContent(bytes(1_500_000, seed: 3)), as: name, if: .absent)
      _ = try await store.get(name, upTo: 2 << 20) { #expect($0.count <= 1 << 20) }
    },
  ]

  private static let lists: [BlobStoreCase] = [
    BlobStoreCase("a list has the blobs of a prefix in the order of their names, all pages together") { store, names in
      let texts = ["l/b", "l/a/1", "l/a", "l/a-", "l/B", "l/c/d/e", "m/a", "l/10", "l/9"]
      for text in texts { _ = try await store.put(BlobContent([]), as: names(text), if: .absent) }
      let found = try await store.all(prefix: names("l/x").text.dropLast(1) + "", upTo: 100)
      let expected = texts.filter { $0.hasPrefix("l/") }.map { names($0) }.sorted()
      #expect(found.map(\.name) == expected)
      for blob in found { #expect(try await store.head(blob.name) == blob) }
      #expect(try await store.all(prefix: names("l/a").text, upTo: 100).count == 3)
      #expect(try await store.all(prefix: names("none").text, upTo: 100) == [])
      await #expect(throws: BlobStoreError.self) { try await store.all(prefix: names("l/a").text, upTo: 2) }
      await #expect(throws: BlobStoreError.self) { try await store.list(prefix: "a\n", page: nil) }
    }
  ]

  struct Stop: Error {}

  /// Made-up bytes.
  package static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = SeededRandom(seed: seed)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count { withUnsafeBytes(of: random.next()) { bytes += $0 } }
    return Array(bytes.prefix(count))
  }
}

/// One check of a store of blobs.
package struct BlobStoreCase: Sendable, CustomTestStringConvertible {
  /// What is checked, in words.
  package let name: String
  /// Whether it takes a store that obeys conditions.
  package let needsConditions: Bool
  /// Whether it takes a store that hands bytes over as they come.
  package let needsPieces: Bool
  private let body: @Sendable (any BlobStore, (String) -> BlobName) async throws -> Void

  init(
    _ name: String, needsConditions: Bool = false, needsPieces: Bool = false,
    _ body: @escaping @Sendable (any BlobStore, (String) -> BlobName) async throws -> Void
  ) {
    self.name = name
    self.needsConditions = needsConditions
    self.needsPieces = needsPieces
    self.body = body
  }

  package var testDescription: String { name }

  /// Runs the check on a store. Its blobs' names begin with `folder`, which nobody else uses.
  package func run(_ store: any BlobStore, folder: String = "conformance") async throws {
    try await body(store) { text in
      guard let name = BlobName("\(folder)/\(text)") else { preconditionFailure("\(text) is no name of a blob") }
      return name
    }
  }
}
