import Storage
import TestKit
import Testing
import Values

@testable import StoragePostgres

@Suite("Values on the wire")
struct WireTests {
  @Test("amounts come back exactly from the binary NUMERIC")
  func amounts() throws {
    var random = SeededRandom(seed: 5)
    let edges: [Int64] = [.min, .min + 1, -1_000_000, -1, 0, 1, 99, 100, 9_999, 10_000, 999_999, 1_000_000, .max]
    let chosen = (0..<5_000).map { _ in
      Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0..<63, using: &random)
    }
    for micros in edges + chosen {
      let numeric = WireNumeric(Money(micros: micros))
      let read = try #require(fromWire(numeric.words))
      #expect(read == numeric)
      #expect(read.value == .money(Money(micros: micros)))
    }
  }

  @Test(
    "a NUMERIC is read by its decimals",
    arguments: [
      // Count, weight, sign, decimals, digits.
      ([0, 0, 0, 0], .integer(0)), ([0, 0, 0, 6], .money(.zero)), ([1, 0, 0, 0, 7], .integer(7)),
      ([1, 0, 0x4000, 0, 7], .integer(-7)), ([1, 1, 0, 0, 5], .integer(50_000)),
      ([2, 1, 0, 0, 1, 2], .integer(10_002)), ([1, -1, 0, 2, 1_200], .money(Money(micros: 120_000))),
      ([1, -2, 0, 6, 100], .money(Money(micros: 1))), ([2, 0, 0, 1, 1, 5_000], .money(Money(micros: 1_500_000))),
      ([2, 0, 0, 16, 2, 5_000], .double(2.5)), ([1, -3, 0, 12, 1], .double(1e-12)),
      ([5, 4, 0, 0, 922, 3_372, 368, 5_477, 5_807], .integer(.max)),
      ([5, 4, 0x4000, 0, 922, 3_372, 368, 5_477, 5_808], .integer(.min)),
      ([5, 4, 0, 0, 922, 3_372, 368, 5_477, 5_808], nil), ([1, 40, 0, 0, 1], nil), ([1, 3, 0, 6, 100], nil),
      ([1, 40, 0, 10, 1], .double(1e160)),
    ] as [([Int], SQLValue?)])
  func numerics(_ words: [Int], _ value: SQLValue?) throws {
    let numeric = try #require(fromWire(words.map { UInt16(truncatingIfNeeded: $0) }))
    #expect(numeric.value == value)
  }

  @Test("a damaged NUMERIC, and what is no finite number, is not read")
  func damaged() {
    for words in [
      [], [0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0, 1], [1, 0, 0, 0, 10_000], [0, 0, 0xC000, 0], [0, 0, 0xD000, 32],
    ] {
      #expect(fromWire(words.map { UInt16($0) }) == nil)
    }
  }

  @Test("what PostgreSQL cannot hold is refused before it is sent, not cut short")
  func unholdable() {
    let values: [SQLValue] = [
      .text("a\0b"), .instant(Instant(microseconds: .min)), .day(CalendarDay(daysSinceEpoch: Int(Int32.max) + 10_958)),
    ]
    for value in values {
      let error = #expect(throws: DatabaseError.self) { try Parameters([value]) }
      guard case .checkViolation = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
    #expect(throws: DatabaseError.self) { try Parameters(Array(repeating: .null, count: 65_536)) }
  }

  @Test("types are stated but for nulls, and text stays open")
  func types() throws {
    let values: [SQLValue] = [
      .null, .integer(1), .double(1), .bool(true), .text("a"), .money(.zero), .instant(Instant(seconds: 0)),
      .day(CalendarDay(daysSinceEpoch: 0)),
    ]
    #expect(try Parameters(values).types == [0, 20, 701, 16, 705, 1_700, 1_184, 1_082])
  }

  @Test("a vector has the form of pgvector, and goes nowhere without its type")
  func vectors() throws {
    var bytes: [UInt8] = []
    WireVector([1, -2.5]).append(to: &bytes)
    #expect(bytes == [0, 2, 0, 0, 0x3F, 0x80, 0, 0, 0xC0, 0x20, 0, 0])
    #expect(bytes.withUnsafeBytes { WireVector($0)?.numbers } == [1, -2.5])
    for count in 0..<bytes.count { #expect(bytes.prefix(count).withUnsafeBytes { WireVector($0)?.numbers } == nil) }
    #expect(try Parameters([.vector([1]), .null], vectorType: { 16_385 }).types == [16_385, 0])
    #expect(throws: DatabaseError.self) { try Parameters([.vector([1])]) }
  }

  private func fromWire(_ words: [UInt16]) -> WireNumeric? {
    words.map(\.bigEndian).withUnsafeBytes { WireNumeric($0) }
  }
}

@Suite("Prepared statements are remembered")
struct StatementCacheTests {
  @Test("a text is prepared once, and anew for other types; nulls fit every type")
  func types() {
    var cache = StatementCache(capacity: 8, prefix: "s")
    let first = cache.plan("INSERT", types: [0, 20])
    #expect(first.typesToPrepare == [0, 20])
    #expect(cache.plan("INSERT", types: [0, 20]) == .init(name: first.name, typesToPrepare: nil))
    #expect(cache.plan("INSERT", types: [0, 0]) == .init(name: first.name, typesToPrepare: nil))
    let second = cache.plan("INSERT", types: [701, 0])
    #expect(second.typesToPrepare == [701, 20])
    #expect(second.name != first.name)
    #expect(cache.takeExpired() == [first.name])
    #expect(cache.plan("INSERT", types: [0, 20]) == .init(name: second.name, typesToPrepare: nil))
    #expect(cache.plan("INSERT", types: [701, 20, 20]).typesToPrepare == [701, 20, 20])
  }

  @Test("text does not fit a place that was prepared for a number")
  func textAndNumbers() {
    var cache = StatementCache(capacity: 8, prefix: "s")
    _ = cache.plan("SELECT", types: [20])
    #expect(cache.plan("SELECT", types: [705]).typesToPrepare == [705])
  }

  @Test("the one that was not used for longest leaves, and the server is told")
  func leastRecentlyUsed() {
    var cache = StatementCache(capacity: 2, prefix: "s")
    let a = cache.plan("a", types: [])
    let b = cache.plan("b", types: [])
    _ = cache.plan("a", types: [])
    _ = cache.plan("c", types: [])
    #expect(cache.takeExpired() == [b.name])
    #expect(cache.plan("a", types: []) == .init(name: a.name, typesToPrepare: nil))
    #expect(cache.plan("b", types: []).typesToPrepare == [])
    #expect(cache.takeExpired().count == 1)
    cache.kept(b.name)
    #expect(cache.takeExpired() == [b.name])
    #expect(cache.takeExpired() == [])
  }

  @Test("what the server refused to prepare is not known there")
  func refused() {
    var cache = StatementCache(capacity: 2, prefix: "s")
    _ = cache.plan("SELEC", types: [])
    cache.refused("SELEC")
    #expect(cache.takeExpired() == [])
    #expect(cache.plan("SELEC", types: []).typesToPrepare == [])
  }
}

@Suite("Connection strings")
struct PostgresSettingsTests {
  @Test("this driver's own parameters are taken out of a URI")
  func ownParameters() throws {
    let settings = try PostgresSettings(
      "postgresql://me:secret@db.example:6432/name?prepared=false&sslmode=verify-full&pool_size=20")
    #expect(settings.connectionString == "postgresql://me:secret@db.example:6432/name?sslmode=verify-full")
    #expect(settings.hasTransactionPooler)
    #expect(settings.largestPool == 20)
    #expect(settings.sessionSetup == [])
    #expect(settings.transactionSetup.contains("SET LOCAL statement_timeout = 60000"))
    let plain = try PostgresSettings("postgres://db/name?prepared=true")
    #expect(plain.connectionString == "postgres://db/name")
    #expect(!plain.hasTransactionPooler)
    #expect(plain.transactionSetup == [])
    #expect(try PostgresSettings("host=db password='a?b'").connectionString == "host=db password='a?b'")
  }

  @Test(
    "what cannot be meant is refused, without the password",
    arguments: [
      "postgres://me:secret@db/name?prepared=no", "postgres://me:secret@db/name?pool_size=0",
      "postgres://me:secret@db/name?pool_size=1001", "postgres://me:secret@db/name?sslmod=require", "secret",
      "postgres://me:secret@[db/name",
    ])
  func refused(_ text: String) {
    let error = #expect(throws: DatabaseError.self) { try PostgresSettings(text) }
    guard case .unavailable(let detail) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!detail.contains("secret"))
  }
}
