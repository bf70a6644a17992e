import BlobStorage
import Testing
import Values

extension BlobStoreConformance {
  static let conditions: [BlobStoreCase] = [
    BlobStoreCase("what is there is not written over by who expects nothing", needsConditions: true) { store, names in
      let name = names("absent")
      let first = try await store.put(BlobContent([1]), as: name, if: .absent)
      await #expect(throws: BlobStoreError.changed(name)) {
        try await store.put(BlobContent([2]), as: name, if: .absent)
      }
      #expect(try await store.head(name) == first)
    },
    BlobStoreCase("a version is replaced by who knows it, and generations grow", needsConditions: true) {
      store, names in
      let name = names("versions")
      var versions = [try await store.put(BlobContent([0]), as: name, if: .absent)]
      for number in UInt8(1)...5 {
        let last = versions[versions.count - 1]
        versions.append(try await store.put(BlobContent([number]), as: name, if: .generation(last.generation)))
      }
      #expect(versions.map(\.generation) == versions.map(\.generation).sorted())
      #expect(Set(versions.map(\.generation)).count == versions.count)
      for old in versions.dropLast() {
        await #expect(throws: BlobStoreError.changed(name)) {
          try await store.put(BlobContent([9]), as: name, if: .generation(old.generation))
        }
        await #expect(throws: BlobStoreError.changed(name)) { try await store.delete(name, old.generation) }
      }
      #expect(try await store.bytes(of: name, upTo: 10)?.bytes == [5])
    },
    BlobStoreCase("what was removed is absent, and no generation comes twice", needsConditions: true) { store, names in
      let name = names("removed/deep/blob")
      let first = try await store.put(BlobContent([1]), as: name, if: .absent)
      try await store.delete(name, first.generation)
      #expect(try await store.head(name) == nil)
      await #expect(throws: BlobStoreError.changed(name)) {
        try await store.put(BlobContent([2]), as: name, if: .generation(first.generation))
      }
      let second = try await store.put(BlobContent([3]), as: name, if: .absent)
      #expect(second.generation > first.generation)
      try await store.delete(name, second.generation)
      try await store.delete(name, second.generation)
    },
    BlobStoreCase("of many writers at once one is first", needsConditions: true) { store, names in
      let name = names("race")
      var expected = BlobCondition.absent
      for turn in 0..<3 {
        let condition = expected
        let winners = await withTaskGroup(of: Blob?.self) { group in
          for writer in 0..<8 {
            group.addTask { try? await store.put(BlobContent([UInt8(turn), UInt8(writer)]), as: name, if: condition) }
          }
          return await group.reduce(into: [Blob]()) { if let blob = $1 { $0.append(blob) } }
        }
        let winner = try #require(winners.first)
        #expect(winners.count == 1)
        let read = try #require(try await store.bytes(of: name, upTo: 10))
        #expect(read.blob == winner)
        #expect(read.bytes.first == UInt8(turn))
        expected = .generation(winner.generation)
      }
    },
  ]
}
