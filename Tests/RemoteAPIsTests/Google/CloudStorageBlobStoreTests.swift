import BlobStorage
import FakeCloudStorage
import HTTPTypes
import RemoteAPIs
import TestKit
import Testing
import Values

@Suite("A bucket of blobs")
struct CloudStorageBlobStoreTests {
  private let bench = GoogleBench()
  private let fake = FakeCloudStorage()

  private var store: CloudStorageBlobStore { bench.store(fake) }

  @Test("keeps the promises of BlobStore", arguments: BlobStoreConformance.cases)
  func conforms(_ check: BlobStoreCase) async throws {
    try await check.run(store)
    #expect(bench.waits == [])
  }

  @Test("over a real network too", arguments: BlobStoreConformance.cases)
  func served(_ check: BlobStoreCase) async throws {
    try await overNetwork { try await check.run($0) }
  }

  @Test("and there, too, what breaks is made whole", arguments: sizes)
  func servedFaults(_ size: Int) async throws {
    let bytes = BlobStoreConformance.bytes(size, seed: 8)
    let name = try blobName("a")
    for operation in size < 500_000 ? [.insert] : [FakeCloudStorage.Operation.begin, .chunk, .chunk, .state] {
      fake.failNext(operation, .lostAnswer)
    }
    for fault in [FakeCloudStorage.Fault.broken(after: size / 2), .reset, .status(503)] {
      fake.failNext(.download, fault)
    }
    for operation in [FakeCloudStorage.Operation.get, .list, .delete] { fake.failNext(operation, .reset) }
    try await overNetwork { store in
      let blob = try await store.put(BlobContent(bytes), as: name, if: .absent)
      #expect(try await store.bytes(of: name, upTo: size)?.bytes == bytes)
      #expect(try await store.all(prefix: "", upTo: 1) == [blob])
      try await store.delete(name, blob.generation)
    }
    #expect(fake.openFaults == 0)
    #expect(fake.bytes(of: "a") == nil)
  }

  private func overNetwork(_ body: @escaping @Sendable (CloudStorageBlobStore) async throws -> Void) async throws {
    let (bench, fake) = (bench, fake)
    let transport = AsyncHTTPTransport()
    let result: Result<Void, any Error> = try await fake.serve { url in
      var settings = GoogleBench.smallChunks
      settings.baseURL = url
      do {
        return .success(try await body(bench.store(transport, settings: settings)))
      } catch {
        return .failure(error)
      }
    }
    await transport.shutDown()
    try result.get()
  }

  /// Content of several chunks, and of one call.
  private static let sizes = [1_000, 900_000]

  @Test(
    "a write whose answer is lost, or that is refused for a while, is made once, and known to be",
    arguments: sizes, [FakeCloudStorage.Fault.lostAnswer, .reset, .status(503), .status(429), .status(500)])
  func lostWrite(_ size: Int, _ fault: FakeCloudStorage.Fault) async throws {
    let bytes = BlobStoreConformance.bytes(size, seed: 1)
    for operation in size < 500_000 ? [.insert] : [FakeCloudStorage.Operation.begin, .chunk, .state] {
      let name = try blobName("lost/\(operation)")
      fake.failNext(operation, fault)
      // The session's state is asked for only after another failure.
      if operation == .state { fake.failNext(.chunk, .reset) }
      let blob = try await store.put(BlobContent(bytes), as: name, if: .absent)
      #expect(fake.openFaults == 0, "\(operation)")
      #expect(fake.bytes(of: name.text) == bytes)
      #expect(fake.generation(of: name.text) == blob.generation.value)
      let next = try await store.put(BlobContent(bytes), as: name, if: .generation(blob.generation))
      #expect(next.generation > blob.generation)
    }
  }

  @Test("the last chunk's answer is lost, and then the session is forgotten: the object is known to be this writer's")
  func forgottenAfterTheEnd() async throws {
    let bytes = BlobStoreConformance.bytes(600_000, seed: 2)
    let name = try blobName("a")
    for fault in [FakeCloudStorage.Fault.reset, .reset, .lostAnswer] { fake.failNext(.chunk, fault) }
    for _ in 0..<2 { fake.failNext(.state, .status(503)) }
    fake.failNext(.state, .forgotten)
    let blob = try await store.put(BlobContent(bytes), as: name, if: .absent)
    #expect(fake.bytes(of: "a") == bytes)
    #expect(fake.generation(of: "a") == blob.generation.value)
  }

  @Test("a broken chunk goes on where the server says that it stopped", arguments: [0, 100_000, 262_144, 262_143])
  func brokenChunk(_ count: Int) async throws {
    var settings = GoogleBench.smallChunks
    settings.chunkBytes = 1 << 20
    let bytes = BlobStoreConformance.bytes(2_500_000, seed: 3)
    fake.failNext(.chunk, .broken(after: count))
    fake.failNext(.chunk, .broken(after: 600_000))
    _ = try await bench.store(fake, settings: settings).put(BlobContent(bytes), as: try blobName("a"), if: .absent)
    #expect(fake.bytes(of: "a") == bytes)
    let starts = fake.calls.compactMap { $0.headers[.contentRange]?.firstMatch(of: /bytes (\d+)-/)?.1 }
    #expect(starts.contains("\(count / 262_144 * 262_144)"))
    #expect(starts.contains("\((count / 262_144 * 262_144 + 600_000) / 262_144 * 262_144)"), "\(starts)")
  }

  @Test("a session that is forgotten half-way is begun anew; one that always is ends with an error")
  func forgotten() async throws {
    let bytes = BlobStoreConformance.bytes(700_000, seed: 4)
    let name = try blobName("a")
    fake.failNext(.chunk, .forgotten)
    _ = try await store.put(BlobContent(bytes), as: name, if: .absent)
    #expect(fake.bytes(of: "a") == bytes)
    for _ in 0..<3 { fake.failNext(.chunk, .forgotten) }
    let error = await #expect(throws: BlobStoreError.self) {
      try await store.put(BlobContent(bytes), as: try blobName("b"), if: .absent)
    }
    #expect("\(String(describing: error))".contains("forgotten"))
    #expect(fake.bytes(of: "b") == nil)
  }

  @Test("a write that another writer came before changes nothing, whatever failed besides", arguments: sizes)
  func otherWriter(_ size: Int) async throws {
    let operation: FakeCloudStorage.Operation = size < 500_000 ? .insert : .chunk
    for first in [FakeCloudStorage.Fault.status(503), .reset, .otherWriter] {
      let name = try blobName("raced/\(first)".replacing("(", with: "-").replacing(")", with: ""))
      fake.failNext(operation, first)
      if first != .otherWriter { fake.failNext(operation, .otherWriter) }
      await #expect(throws: BlobStoreError.changed(name)) {
        try await store.put(BlobContent(BlobStoreConformance.bytes(size, seed: 5)), as: name, if: .absent)
      }
      #expect(fake.bytes(of: name.text) == [0])
    }
  }

  @Test("two writers of the same bytes are told apart, even after a lost answer")
  func sameBytes() async throws {
    let name = try blobName("lock")
    _ = try await store.put(BlobContent([1]), as: name, if: .absent)
    fake.failNext(.insert, .status(503))
    await #expect(throws: BlobStoreError.changed(name)) {
      try await store.put(BlobContent([1]), as: name, if: .absent)
    }
  }

  @Test("a download that breaks off goes on where it broke", arguments: [0, 1, 100_000, 899_999])
  func broken(_ count: Int) async throws {
    let bytes = BlobStoreConformance.bytes(900_000, seed: 6)
    let name = try blobName("a")
    _ = try await store.put(BlobContent(bytes), as: name, if: .absent)
    for fault in [FakeCloudStorage.Fault.broken(after: count), .status(503), .reset] { fake.failNext(.download, fault) }
    #expect(try await store.bytes(of: name, upTo: 1 << 20)?.bytes == bytes)
    #expect(fake.openFaults == 0)
    let ranges = fake.calls.compactMap { $0.headers[.range] }
    #expect(ranges.allSatisfy { $0 == "bytes=\(count)-" } && ranges.isEmpty == (count == 0))
  }

  @Test("a download that never comes to its end is an error")
  func alwaysBroken() async throws {
    let name = try blobName("a")
    _ = try await store.put(BlobContent(BlobStoreConformance.bytes(10_000, seed: 6)), as: name, if: .absent)
    for _ in 0..<20 { fake.failNext(.download, .broken(after: 5)) }
    let error = await #expect(throws: BlobStoreError.self) { try await store.bytes(of: name, upTo: 10_000) }
    guard case .unavailable = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(
      bench.waits == [
        .milliseconds(1_500), .milliseconds(2_500), .milliseconds(4_500), .milliseconds(8_500), .milliseconds(16_500),
      ])
  }

  @Test("a byte that changed on its way is found, whichever way")
  func damaged() async throws {
    let name = try blobName("a")
    let blob = try await store.put(BlobContent(BlobStoreConformance.bytes(1_000, seed: 6)), as: name, if: .absent)
    fake.failNext(.download, .damaged)
    let error = await #expect(throws: BlobStoreError.self) { try await store.bytes(of: name, upTo: 1_000) }
    guard case .damaged(name, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try await store.bytes(of: name, upTo: 1_000)?.blob == blob)
  }

  @Test("a blob that is replaced between its look-up and its download is read as it is then")
  func replaced() async throws {
    let name = try blobName("a")
    _ = try await store.put(BlobContent([1, 2]), as: name, if: .absent)
    fake.failNext(.download, .otherWriter)
    #expect(try await store.bytes(of: name, upTo: 10)?.bytes == [0])
  }

  @Test("a lost answer to a removal is no error; another writer's version stays")
  func deleting() async throws {
    let name = try blobName("a")
    let blob = try await store.put(BlobContent([1]), as: name, if: .absent)
    fake.failNext(.delete, .lostAnswer)
    try await store.delete(name, blob.generation)
    #expect(fake.bytes(of: "a") == nil)
    let next = try await store.put(BlobContent([1]), as: name, if: .absent)
    fake.failNext(.delete, .otherWriter)
    await #expect(throws: BlobStoreError.changed(name)) { try await store.delete(name, next.generation) }
    #expect(fake.bytes(of: "a") == [0])
  }

  @Test("names of others that are no blobs' are left out of lists")
  func otherNames() async throws {
    _ = try await store.put(BlobContent([1]), as: try blobName("a"), if: .absent)
    var upload = CloudUpload(name: "a b/ü", expectedGeneration: 0)
    upload.contentType = "text/plain"
    _ = try await bench.client(fake).upload(BlobContent([1]), upload)
    #expect(try await store.all(prefix: "", upTo: 10).map(\.name.text) == ["a"])
  }

  @Test("a bucket that is missing says what to do")
  func noBucket() async throws {
    let store = bench.store(FakeCloudStorage(bucket: "other"))
    let name = try blobName("a")
    for call in [
      { _ = try await store.head(name) }, { _ = try await store.list(prefix: "", page: nil) },
      { _ = try await store.put(BlobContent([1]), as: name, if: .absent) },
      { try await store.delete(name, BlobGeneration(1)) },
    ] as [@Sendable () async throws -> Void] {
      let error = await #expect(throws: BlobStoreError.self) { try await call() }
      #expect("\(String(describing: error))".contains("GCS_BUCKET"), "\(String(describing: error))")
    }
  }

  @Test("cancelling ends a call between two attempts")
  func cancelled() async throws {
    let (store, fake, name) = (store, fake, try blobName("a"))
    for _ in 0..<6 { fake.failNext(.insert, .status(503)) }
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      _ = try await store.put(BlobContent([1]), as: name, if: .absent)
    }
    await #expect(throws: BlobStoreError.cancelled) { try await task.value }
  }
}
