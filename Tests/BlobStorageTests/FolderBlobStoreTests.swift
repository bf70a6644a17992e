import BlobStorage
import Foundation
import TestKit
import Testing
import Values

// A class, because a folder of a test is removed with the one value that holds it.
@Suite("A folder of blobs")
final class FolderBlobStoreTests {
  private let folder: TemporaryFolder
  private let clock = ManualClock()

  init() throws {
    folder = try TemporaryFolder()
  }

  private func store(pageSize: Int = 4) async throws -> FolderBlobStore {
    try await FolderBlobStore(path: folder.path("blobs/here"), pageSize: pageSize, now: clock.now)
  }

  private func name(_ text: String) throws -> BlobName { try #require(BlobName(text)) }

  private func file(_ path: String) -> URL { URL(filePath: folder.path("blobs/here/\(path)")) }

  @Test("keeps the promises of BlobStore", arguments: BlobStoreConformance.cases)
  func conforms(_ check: BlobStoreCase) async throws {
    try await check.run(try await store())
  }

  @Test("and keeps them between stores that share it", arguments: BlobStoreConformance.cases.filter(\.needsConditions))
  func shared(_ check: BlobStoreCase) async throws {
    try await check.run(AlternatingBlobStore(try await store(), try await store()))
  }

  @Test("generations grow though the clock goes back")
  func clockBack() async throws {
    let store = try await store()
    let first = try await store.put(BlobContent([1]), as: try name("a"), if: .absent)
    clock.advance(seconds: -3_600)
    let second = try await store.put(BlobContent([1]), as: try name("b"), if: .absent)
    #expect(second.generation.value == first.generation.value + 1)
  }

  @Test("a byte that changed on the disk is found")
  func damaged() async throws {
    let (store, name) = (try await store(), try name("d/x"))
    let blob = try await store.put(BlobContent(BlobStoreConformance.bytes(300_000, seed: 1)), as: name, if: .absent)
    var data = try Data(contentsOf: file("d/x.blob"))
    data[200_000] ^= 0x10
    try data.write(to: file("d/x.blob"))
    await expectDamage(of: name, in: store)
    _ = try await store.put(BlobContent([1]), as: name, if: .generation(blob.generation))
    #expect(try await store.bytes(of: name, upTo: 1)?.bytes == [1])
  }

  @Test("a file that was cut short, or is no blob, is damage; what cannot be read counts as absent and is replaced")
  func cut() async throws {
    let (store, name) = (try await store(), try name("d/x"))
    _ = try await store.put(BlobContent([1, 2, 3]), as: name, if: .absent)
    let data = try Data(contentsOf: file("d/x.blob"))
    try data.dropLast().write(to: file("d/x.blob"))
    await expectDamage(of: name, in: store)
    for length in [0, 5, 31] {
      try data.prefix(length).write(to: file("d/x.blob"))
      await expectDamage(of: name, in: store)
      #expect(try await store.head(name) == nil)
      #expect(try await store.all(prefix: "", upTo: 10) == [])
    }
    _ = try await store.put(BlobContent([4]), as: name, if: .absent)
    #expect(try await store.bytes(of: name, upTo: 1)?.bytes == [4])
  }

  @Test("mutated files never end the program")
  func mutated() async throws {
    let (store, name) = (try await store(), try name("x"))
    _ = try await store.put(BlobContent(Array("some bytes".utf8)), as: name, if: .absent)
    let data = try Data(contentsOf: file("x.blob"))
    var random = SeededRandom(seed: 11)
    for _ in 0..<500 {
      var mutant = data
      for _ in 0..<random.int(in: 1...3) {
        mutant[random.int(in: 0...mutant.count - 1)] = UInt8(random.int(in: 0...255))
      }
      if mutant == data { continue }
      try mutant.write(to: file("x.blob"))
      await expectDamage(of: name, in: store)
    }
  }

  private func expectDamage(of name: BlobName, in store: FolderBlobStore) async {
    let error = await #expect(throws: BlobStoreError.self) { try await store.get(name, upTo: 1 << 20) { _ in } }
    switch error {
    case .damaged(name, _), .refused: break
    default: Issue.record("\(String(describing: error))")
    }
  }

  @Test("nothing is left of a write that failed, nor of a writer that ended")
  func leftovers() async throws {
    let store = try await store()
    await #expect(throws: BlobStoreError.self) {
      try await store.put(BlobContent(length: 10) { _, _ in [] }, as: try name("a"), if: .absent)
    }
    let writing = file(".writing").path
    #expect(try FileManager.default.contentsOfDirectory(atPath: writing) == [])
    try Data([1]).write(to: file(".writing/left"))
    let living = try await FolderBlobStore(path: folder.path("blobs/here"), now: clock.now)
    #expect(try FileManager.default.contentsOfDirectory(atPath: writing) == [])
    // What is being written stays though others open the folder.
    let (folder, clock) = (folder.path("blobs/here"), clock)
    let content = BlobContent(length: 3) { _, count in
      _ = try await FolderBlobStore(path: folder, now: clock.now)
      return Array(repeating: 7, count: count)
    }
    _ = try await living.put(content, as: try name("a"), if: .absent)
    #expect(try await store.bytes(of: try name("a"), upTo: 3)?.bytes == [7, 7, 7])
  }

  @Test("a reader finishes with the version that it began with")
  func replacedWhileRead() async throws {
    let (store, name) = (try await store(), try name("a"))
    let bytes = BlobStoreConformance.bytes(600_000, seed: 4)
    let first = try await store.put(BlobContent(bytes), as: name, if: .absent)
    let read = try await store.get(name, upTo: 1 << 20) { _ in
      _ = try? await store.put(BlobContent([1]), as: name, if: .generation(first.generation))
    }
    #expect(read == first)
    #expect(try await store.head(name)?.size == 1)
  }

  @Test("what others put into the folder is no blob, and is in nobody's way")
  func strangers() async throws {
    let store = try await store()
    _ = try await store.put(BlobContent([1]), as: try name("d/x"), if: .absent)
    let files = FileManager.default
    try files.createDirectory(at: file("d/folder.blob"), withIntermediateDirectories: true)
    try Data("text".utf8).write(to: file("d/readme"))
    try Data("text".utf8).write(to: file("d/short.blob"))
    let target = URL(filePath: folder.path("target"))
    try Data("text".utf8).write(to: target)
    try files.createSymbolicLink(at: file("d/link.blob"), withDestinationURL: target)
    #expect(mkfifo(file("d/pipe.blob").path, 0o600) == 0)
    #expect(try await store.all(prefix: "", upTo: 10).map(\.name.text) == ["d/x"])
    for text in ["d/link", "d/pipe", "d/short"] {
      #expect(try await store.head(try name(text)) == nil)
      _ = try await store.put(BlobContent([2]), as: try name(text), if: .absent)
      #expect(try await store.bytes(of: try name(text), upTo: 1)?.bytes == [2])
    }
    #expect(try Data(contentsOf: target) == Data("text".utf8))
    let folder = try name("d/folder")
    await #expect(throws: BlobStoreError.self) { try await store.put(BlobContent([2]), as: folder, if: .absent) }
  }

  @Test("a folder that cannot be made says why")
  func impossible() async throws {
    try Data().write(to: URL(filePath: folder.path("file")))
    let path = folder.path("file/blobs")
    let error = await #expect(throws: BlobStoreError.self) { try await FolderBlobStore(path: path, now: clock.now) }
    #expect("\(String(describing: error))".contains("file"))
  }

  @Test("content from a file")
  func fileContent() async throws {
    let bytes = BlobStoreConformance.bytes(600_000, seed: 5)
    try Data(bytes).write(to: URL(filePath: folder.path("content")))
    let content = try await BlobContent(file: folder.path("content"))
    let store = try await store()
    _ = try await store.put(content, as: try name("a"), if: .absent)
    #expect(try await store.bytes(of: try name("a"), upTo: 1 << 20)?.bytes == bytes)
    let path = folder.path("none")
    await #expect(throws: (any Error).self) { try await BlobContent(file: path) }
  }
}

/// Two stores of one folder, as two processes have them: calls go to the one and the other in turn.
private actor AlternatingBlobStore: BlobStore {
  private let stores: [FolderBlobStore]
  private var count = 0

  init(_ stores: FolderBlobStore...) {
    self.stores = stores
  }

  private func next() -> FolderBlobStore {
    count += 1
    return stores[count % stores.count]
  }

  func put(
    _ content: BlobContent, as name: BlobName, if condition: BlobCondition
  ) async throws(BlobStoreError) -> Blob {
    try await next().put(content, as: name, if: condition)
  }

  func get(
    _ name: BlobName, upTo limit: Int64, receive: @escaping @Sendable ([UInt8]) async throws -> Void
  ) async throws -> Blob {
    try await next().get(name, upTo: limit, receive: receive)
  }

  func head(_ name: BlobName) async throws(BlobStoreError) -> Blob? { try await next().head(name) }

  func list(prefix: String, page: String?) async throws(BlobStoreError) -> BlobPage {
    try await next().list(prefix: prefix, page: page)
  }

  func delete(_ name: BlobName, _ generation: BlobGeneration) async throws(BlobStoreError) {
    try await next().delete(name, generation)
  }
}
