import DecisionEngine
import Formats
import TestKit
import Testing
import Values

@testable import Decisions

/// Snapshots as they are stored, one going on from another.
struct SnapshotCodingTests {
  @Test("Each snapshot of a long row is read as it was stored, from no more rows than it names", arguments: 0..<3)
  func rows(_ seed: UInt64) throws {
    var world = try SnapshotWorld(seed: seed, ads: 5, keptDays: 12)
    var (store, snapshots) = (SnapshotStore(), [Snapshot]())
    for _ in 0..<(2 * SnapshotDraft.longestChain + 10) {
      try store.add(world.snapshot)
      snapshots.append(world.snapshot)
      world.passDay()
    }
    #expect(store.rows[0].base == nil)
    #expect(store.rows.dropFirst().count { $0.base != nil } > SnapshotDraft.longestChain)
    for (row, snapshot) in zip(store.rows, snapshots) where row.number % 9 == 1 || row.number > 130 {
      let chain = store.chain(endingWith: row.number)
      #expect(chain.count <= SnapshotDraft.longestChain)
      #expect(chain.first?.number == row.oldest)
      #expect(try RebuiltSnapshot(chain).snapshot == snapshot, "\(row.number)")
    }
    let last = try #require(store.rows.last)
    store.remove(before: last.oldest)
    #expect(try RebuiltSnapshot(store.chain(endingWith: last.number)).snapshot == snapshots.last)
  }

  @Test("No row but the first holds everything")
  func evenRows() throws {
    var world = try SnapshotWorld(seed: 3, ads: 40)
    var store = SnapshotStore()
    for _ in 0..<SnapshotDraft.longestChain + 20 {
      try store.add(world.snapshot)
      world.passDay()
    }
    let largest = store.rows.dropFirst().map(\.content.count).max()
    #expect(try #require(largest) < store.rows[0].content.count / 3)
    #expect(store.rows.dropFirst().allSatisfy { $0.base != nil })
  }

  @Test("Two snapshots may go on from the same one")
  func siblings() throws {
    var (first, second) = (try SnapshotWorld(seed: 1, ads: 9), try SnapshotWorld(seed: 1, ads: 9))
    var store = SnapshotStore()
    try store.add(first.snapshot)
    first.passDay()
    try store.add(first.snapshot)
    for _ in 0..<2 { second.passDay() }
    try store.add(second.snapshot, after: 1)
    #expect(store.rows.map(\.base) == [nil, 1, 1])
    #expect(try RebuiltSnapshot(store.chain(endingWith: 2)).snapshot == first.snapshot)
    #expect(try RebuiltSnapshot(store.chain(endingWith: 3)).snapshot == second.snapshot)
  }

  @Test("The same snapshot has the same hash, however it came about; another one has another")
  func hash() throws {
    let world = try SnapshotWorld(seed: 2, ads: 20)
    var again = Snapshot(funnel: world.snapshot.funnel)
    for name in world.snapshot.ads.keys.sorted().reversed() { again.ads[name] = world.snapshot.ads[name] }
    #expect(HashedSnapshot(again).sha256 == HashedSnapshot(world.snapshot).sha256)
    let name = try #require(again.ads.first { $0.value.totals != nil }?.key)
    again.ads[name]?.totals?.clicks += 1
    #expect(HashedSnapshot(again).sha256 != HashedSnapshot(world.snapshot).sha256)
  }

  @Test("An ad that no longer runs does not have its days stored again")
  func paused() throws {
    var snapshot = try SnapshotWorld(seed: 4, ads: 100, keptDays: 60).snapshot
    var store = SnapshotStore()
    try store.add(snapshot)
    for name in snapshot.ads.keys where snapshot.ads[name]?.totals != nil {
      snapshot.ads[name]?.totals = nil
      snapshot.ads[name]?.delivery = #"{"state":"paused"}"#
    }
    try store.add(snapshot)
    #expect(store.rows[1].content.count < store.rows[0].content.count / 20)
  }

  @Test("Figures of another funnel, and those that share little, are stored as a whole")
  func whole() throws {
    var store = SnapshotStore()
    try store.add(SnapshotWorld(seed: 1, ads: 9).snapshot)
    try store.add(SnapshotWorld(seed: 2, ads: 9).snapshot)
    try store.add(SnapshotWorld(seed: 2, ads: 9, hasHistory: false).snapshot)
    #expect(store.rows.map(\.base) == [nil, nil, nil])
    #expect(store.rows.map(\.oldest) == [1, 2, 3])
  }

  @Test("An ad's age does not change its snapshot, and is the same to the bit at the moment that it was read at")
  func ages() throws {
    var random = SeededRandom(seed: 1)
    for _ in 0..<2_000 {
      let start = Instant(microseconds: .random(in: 0...1_700_000_000_000_000, using: &random))
      let (now, later) = (
        Instant(microseconds: .random(in: 1_700_000_000_000_001...1_900_000_000_000_000, using: &random)),
        Instant(microseconds: .random(in: 1_900_000_000_000_000...2_000_000_000_000_000, using: &random))
      )
      let age = Snapshot.Age(hours: now.hours(since: start), at: now)
      #expect(age.hours(at: now)?.bitPattern == now.hours(since: start).bitPattern)
      #expect(age == .since(start))
      #expect(age == Snapshot.Age(hours: later.hours(since: start), at: later))
    }
    for hours in [0, 1e-9, 0.1, 1e15, 1e300, .pi, -3] {
      let now = Instant(seconds: 1_780_000_000)
      #expect(Snapshot.Age(hours: hours, at: now).hours(at: now)?.bitPattern == hours.bitPattern)
    }
    let past = Instant(microseconds: .min + 1)
    #expect(Snapshot.Age(hours: 5, at: past) == .hours(5))
    #expect(Snapshot.Age.since(Instant(microseconds: .max)).hours(at: past) == nil)
  }

  @Test("Numbers are read as they were written, to the bit")
  func numbers() throws {
    var random = SeededRandom(seed: 7)
    var doubles = [0, -0.0, 0.01, 1e9, 1e-6, 0.1 + 0.2, .pi, -12.34, 1e300, .leastNonzeroMagnitude, .infinity]
    var integers = [0, 1, -1, 63, 64, -64, -65, .max, .min]
    for _ in 0..<10_000 {
      doubles.append(Double(Int64.random(in: 0...1_000_000_000_000_000, using: &random)) / 1_000_000)
      doubles.append(Double(bitPattern: UInt64.random(in: 0..<0x7FF0_0000_0000_0000, using: &random)))
      integers.append(.random(in: .min ... .max, using: &random))
    }
    var writer = SnapshotWriter()
    for number in doubles { writer.put(number, .spend) }
    for number in integers { writer.put(number, .clicks) }
    var reader = try SnapshotReader(writer.bytes)
    for number in doubles { #expect(try reader.takeDouble(.spend).bitPattern == number.bitPattern) }
    for number in integers { #expect(try reader.take(.clicks) == number) }
    try reader.finish()
  }
}

/// What somebody put in the place of a snapshot's content.
struct HostileSnapshotTests {
  @Test(
    "Content that was changed is refused, unless nothing comes of it, and never stops the program", arguments: 0..<4)
  func changed(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var world = try SnapshotWorld(seed: seed, ads: 8, keptDays: 6)
    var store = SnapshotStore()
    for _ in 0..<3 {
      world.passDay()
      try store.add(world.snapshot)
    }
    var refused = 0
    for _ in 0..<500 {
      var store = store
      store.change(Int.random(in: 1...3, using: &random)) { row in
        guard var content = try? Deflate.unpack(row.content, limit: 1 << 20) else { return }
        switch Int.random(in: 0..<3, using: &random) {
        case 0: content[Int.random(in: content.indices, using: &random)] ^= .random(in: 1...255, using: &random)
        case 1: content.removeLast(.random(in: 1...content.count, using: &random))
        default:
          let place = Int.random(in: content.indices, using: &random)
          content.insert(contentsOf: [0xFF, 0xFF, 0xFF, .random(in: 0...255, using: &random)], at: place)
        }
        row.content = Deflate.pack(content)
      }
      do {
        #expect(try RebuiltSnapshot(store.chain(endingWith: 3)).snapshot == world.snapshot)
      } catch {
        refused += 1
      }
    }
    #expect(refused > 100)
  }

  @Test("Content that unpacks to more than the limit is refused, also where many rows do so together")
  func bomb() throws {
    let zeros = [UInt8](repeating: 0, count: SnapshotDraft.byteLimit + 1)
    let row = SnapshotRow(number: 1, base: nil, oldest: 1, sha256: "", content: Deflate.pack(zeros))
    #expect(throws: SnapshotProblem.damaged("snapshot 1 cannot be unpacked (tooLarge)")) {
      try RebuiltSnapshot([row])
    }
  }

  @Test("A snapshot whose first rows are gone is refused")
  func gap() throws {
    var world = try SnapshotWorld(seed: 1, ads: 20)
    var store = SnapshotStore()
    for _ in 0..<5 {
      try store.add(world.snapshot)
      world.passDay()
    }
    store.remove(before: 3)
    #expect(throws: SnapshotProblem.damaged("contents before it are missing")) {
      try RebuiltSnapshot(store.chain(endingWith: 5))
    }
    #expect(throws: SnapshotProblem.self) { try RebuiltSnapshot([]) }
  }

  @Test("A new snapshot does not go on from one that is damaged")
  func damagedBase() throws {
    var world = try SnapshotWorld(seed: 1, ads: 20)
    var store = SnapshotStore()
    try store.add(world.snapshot)
    store.change(1) { $0.sha256 = String(repeating: "0", count: 64) }
    world.passDay()
    try store.add(world.snapshot)
    #expect(store.rows[1].base == nil)
    #expect(try RebuiltSnapshot(store.chain(endingWith: 2)).snapshot == world.snapshot)
  }
}
