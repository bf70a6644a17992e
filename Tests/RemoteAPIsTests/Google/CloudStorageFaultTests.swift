import BlobStorage
import FakeCloudStorage
import RemoteAPIs
import TestKit
import Testing
import Values

/// Long random histories of a bucket in which much goes wrong.
struct CloudStorageFaultTests {
  private let bench = GoogleBench()
  private let fake = FakeCloudStorage()
  private static let names = ["a", "b", "c/d"]

  private static func fault(_ random: inout SeededRandom) -> (FakeCloudStorage.Operation, FakeCloudStorage.Fault) {
    let operations: [FakeCloudStorage.Operation] = [.get, .list, .delete, .download, .insert, .begin, .chunk, .state]
    let faults: [FakeCloudStorage.Fault] = [
      .status(503), .status(429), .status(500), .reset, .lostAnswer, .broken(after: random.int(in: 0...400_000)),
      .damaged,
      .otherWriter, .forgotten, .status(403),
    ]
    return (operations[random.int(in: 0...operations.count - 1)], faults[random.int(in: 0...faults.count - 1)])
  }

  @Test("whatever goes wrong, a result is right and an error is clear", arguments: 1...8 as ClosedRange<UInt64>)
  func histories(_ seed: UInt64) async throws {
    var random = SeededRandom(seed: seed)
    let store = bench.store(fake)
    for _ in 0..<60 {
      for _ in 0..<random.int(in: 0...4) {
        let (operation, fault) = Self.fault(&random)
        fake.failNext(operation, fault)
      }
      let name = try blobName(Self.names[random.int(in: 0...Self.names.count - 1)])
      switch random.int(in: 0...9) {
      case 0...4: try await write(name, to: store, &random)
      case 5...7: await read(name, in: store)
      case 8: await remove(name, in: store, isStale: random.int(in: 0...3) == 0)
      default: await list(store)
      }
    }
  }

  private func write(_ name: BlobName, to store: CloudStorageBlobStore, _ random: inout SeededRandom) async throws {
    let before = (bytes: fake.bytes(of: name.text), generation: fake.generation(of: name.text))
    let isStale = random.int(in: 0...4) == 0
    let expected = isStale ? (before.generation ?? 7) - 1 : before.generation
    let bytes = BlobStoreConformance.bytes(
      random.int(in: 0...1) == 0 ? random.int(in: 0...2_000) : random.int(in: 520_000...900_000), seed: random.next())
    do throws(BlobStoreError) {
      let condition = expected.map { BlobCondition.generation(BlobGeneration($0)) } ?? .absent
      let blob = try await store.put(BlobContent(bytes), as: name, if: condition)
      #expect(!isStale)
      #expect(fake.bytes(of: name.text) == bytes)
      #expect(fake.generation(of: name.text) == blob.generation.value)
    } catch {
      // What is there is what was, what was to be written, or another writer's, but nothing in between.
      let after = fake.bytes(of: name.text)
      #expect(after == before.bytes || after == bytes || after == [0], "\(error)")
      if case .changed = error {
        #expect(isStale || after != before.bytes || fake.generation(of: name.text) != expected)
      }
      if case .refused = error { Issue.record("\(error)") }
      #expect(!isStale || after != bytes)
    }
  }

  private func read(_ name: BlobName, in store: CloudStorageBlobStore) async {
    do {
      let read = try await store.bytes(of: name, upTo: 1 << 20)
      #expect(read?.bytes == fake.bytes(of: name.text))
    } catch let error as BlobStoreError {
      switch error {
      case .unavailable, .damaged, .changed, .denied: break
      case .missing, .refused, .cancelled: Issue.record("\(error)")
      }
    } catch {
      Issue.record("\(error)")
    }
  }

  private func remove(_ name: BlobName, in store: CloudStorageBlobStore, isStale: Bool) async {
    let before = fake.bytes(of: name.text)
    let generation = (fake.generation(of: name.text) ?? 7) - (isStale ? 1 : 0)
    do throws(BlobStoreError) {
      try await store.delete(name, BlobGeneration(generation))
      #expect(fake.bytes(of: name.text) == nil)
    } catch {
      let after = fake.bytes(of: name.text)
      #expect(after == before || after == [0] || (after == nil && !isStale))
    }
  }

  private func list(_ store: CloudStorageBlobStore) async {
    do throws(BlobStoreError) {
      let blobs = try await store.all(prefix: "", upTo: 10)
      #expect(blobs.map(\.name.text) == Self.names.filter { fake.bytes(of: $0) != nil })
    } catch {
      switch error {
      case .unavailable, .denied: break
      case .missing, .changed, .damaged, .refused, .cancelled: Issue.record("\(error)")
      }
    }
  }
}
