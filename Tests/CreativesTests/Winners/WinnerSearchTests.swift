import Accounts
import App
import AppTestKit
import Creatives
import Storage
import Synchronization
import TestKit
import Testing
import TextEmbedding
import Values
import VectorIndex

/// A number that tasks share.
private final class Counter: Sendable {
  private let value = Mutex(0)

  var count: Int {
    get { value.withLock { $0 } }
    set { value.withLock { $0 = newValue } }
  }
}

/// What a search finds, whatever process it runs in and whatever happens meanwhile.
struct WinnerSearchTests {
  private static let words = ["brush", "hat", "sandals", "lamp", "tent", "bottle", "chair", "scarf"]

  /// Winners with random words, of which some win no more.
  private static func filled(
    _ bench: WinnerBench, _ count: Int, of account: AccountID? = nil, seed: UInt64 = 7
  ) async throws -> [WinnerRow] {
    var random = SeededRandom(seed: seed)
    let embedder = WordEmbedder()
    let rows = try (1...count).map { number in
      let hook = (0..<3).map { _ in words[Int.random(in: 0..<words.count, using: &random)] }.joined(separator: " ")
      let creative = try WinnerBench.creative("ad\(number)", hook: hook)
      var row = WinnerRow(creative.adID)
      row.dna = creative.dna
      row.reason = .ctr
      row.wonAt = bench.test.clock.now().adding(seconds: Int64.random(in: -1_000...0, using: &random))
      if Bool.random(using: &random) { row.lostAt = bench.test.clock.now() }
      row.then.ctr = Double.random(in: 0.03...0.1, using: &random)
      row.then.pipelineROAS = Bool.random(using: &random) ? Double.random(in: 0...10, using: &random) : nil
      (row.model, row.embedding) = (embedder.model.name, embedder.vector(creative.dna.canonicalText))
      return row
    }
    for start in stride(from: 0, to: rows.count, by: WinnerTransfer.batch) {
      try await bench.test.system.winnerTransfer.take(
        Array(rows[start..<min(start + WinnerTransfer.batch, rows.count)]), of: account ?? bench.account)
    }
    return rows
  }

  /// The ads that a comparison of all rows finds.
  private static func expected(_ rows: [WinnerRow], _ text: String, _ query: WinnerQuery) -> [String] {
    let vector = WordEmbedder().vector(text)
    func similarity(_ row: WinnerRow) -> Float { zip(vector, row.embedding ?? []).reduce(0) { $0 + $1.0 * $1.1 } }
    let passing = rows.enumerated().filter { _, row in
      (query.filter.minCTR.map { (row.then.ctr ?? -1) >= $0 } ?? true)
        && (query.filter.minROAS.map { (row.then.pipelineROAS ?? -1) >= $0 } ?? true)
        && (query.filter.wonSince.map { (row.wonAt ?? Instant(seconds: 0)) >= $0 } ?? true)
        && (query.filter.wonBefore.map { (row.wonAt ?? Instant(seconds: 0)) < $0 } ?? true)
        && (!query.filter.onlyWinning || row.lostAt == nil)
    }
    return passing.map { (offset: $0.offset, row: $0.element, similarity: similarity($0.element)) }
      .sorted { ($1.similarity, $0.offset) < ($0.similarity, $1.offset) }
      .prefix(query.limit).map { "\($0.similarity)" }
  }

  private static let queries: [WinnerQuery] = {
    let moment = Instant(seconds: 1_780_000_000)
    let changes: [(inout WinnerQuery) -> Void] = [
      { _ in }, { $0.limit = 100 }, { $0.filter.minCTR = 0.09 }, { $0.filter.minROAS = 5 },
      { $0.filter.onlyWinning = true }, { $0.filter.wonSince = moment.adding(seconds: -100) },
      { $0.filter.wonBefore = moment.adding(seconds: -900) },
      {
        $0.limit = 50
        $0.filter.minCTR = 0.08
        $0.filter.minROAS = 2
        $0.filter.onlyWinning = true
      }, { $0.filter.minROAS = 11 },
    ]
    return changes.map { change in
      var query = WinnerQuery(.text("brush hat"))
      change(&query)
      return query
    }
  }()

  private static func check(_ bench: WinnerBench, _ rows: [WinnerRow]) async throws {
    for query in queries {
      let found = try await bench.winners.search(query, of: bench.account).found
      let wanted = expected(rows, "brush hat", query)
      #expect(found.count == wanted.count, "\(query.filter)")
      for (match, similarity) in zip(found, wanted) {
        #expect(abs(match.similarity - (Double(similarity) ?? 9)) < 1e-5, "\(query.filter)")
        let row = try #require(rows.first { $0.adID == match.remembered.winner.adID })
        #expect(query.filter.minCTR.map { (row.then.ctr ?? 0) >= $0 } ?? true)
        #expect(!query.filter.onlyWinning || row.lostAt == nil)
      }
    }
  }

  @Test("Filters never find fewer than there are, in memory")
  func filters() async throws {
    let bench = try await WinnerBench()
    try await Self.check(bench, Self.filled(bench, 300))
  }

  @Test(
    "Filters never find fewer than there are, by pgvector",
    .enabled(if: TestDatabase.isPostgres, "GEMINIVIDEO_TEST_DATABASE_URL names no server"))
  func databaseFilters() async throws {
    var settings = WinnerSearchSettings()
    settings.place = .database
    let bench = try await WinnerBench(search: settings)
    let rows = try await Self.filled(bench, 300)
    // Another account's winners lie between one's own in pgvector's index.
    let other = try #require(AccountID("other"))
    try await bench.test.system.accounts.create(other)
    _ = try await Self.filled(bench, 300, of: other, seed: 8)
    try await Self.check(bench, rows)
    let findings = try await bench.winners.search(WinnerQuery(.text("brush")), of: bench.account)
    #expect(findings.place == .database)
  }

  @Test("What another process commits is found by the next search, and what it changes is seen")
  func processes() async throws {
    let bench = try await WinnerBench()
    let other = try await bench.test.anotherProcess(with: WinnerBench.additions())
    _ = try await Self.filled(bench, 20)
    for system in [bench.test.system, other] {
      #expect(try await bench.found("brush", limit: 100, in: system).count == 20)
    }
    try await bench.describe("new", hook: "umbrella")
    try await bench.feed("new")
    try await bench.test.workOffJobs()
    for system in [bench.test.system, other] {
      #expect(try await bench.found("umbrella", limit: 1, in: system) == ["new"])
    }
    try await bench.feed("new", clicks: 0, day: "2026-05-02")
    for system in [bench.test.system, other] {
      #expect(try await bench.found("umbrella", limit: 1, in: system) { $0.filter.onlyWinning = true } != ["new"])
    }
  }

  @Test("An account's winners are its own, whatever was searched before")
  func accounts() async throws {
    let bench = try await WinnerBench()
    let other = try #require(AccountID("other"))
    try await bench.test.system.accounts.create(other)
    for account in [bench.account, other] {
      try await bench.describe("of-\(account)", hook: "brush", of: account)
      try await bench.feed("of-\(account)", of: account)
    }
    try await bench.test.workOffJobs()
    for _ in 1...2 {
      #expect(try await bench.found("brush") == ["of-acme"])
      #expect(try await bench.found("brush", of: other) == ["of-other"])
    }
    let query = WinnerQuery(.ad(try #require(AdID("of-other"))))
    await #expect(throws: WinnerError.withoutDNA(try #require(AdID("of-other")), bench.account)) {
      try await bench.winners.search(query, of: bench.account)
    }
  }

  @Test("A later account of the same name finds nothing of the one before")
  func incarnations() async throws {
    let bench = try await WinnerBench()
    _ = try await Self.filled(bench, 5)
    #expect(try await bench.found("brush").count == 5)
    _ = try await bench.test.system.lifecycle.delete(bench.account, by: .system)
    await #expect(throws: AccountError.unknown(bench.account)) { try await bench.found("brush") }
    try await bench.test.system.accounts.create(bench.account)
    #expect(try await bench.found("brush") == [])
    let rows = try await Self.filled(bench, 5, seed: 9)
    #expect(try await Set(bench.found("brush")) == Set(rows.map(\.adID.value)))
  }

  @Test("Vectors of different models never meet: a new model finds what is embedded anew, step by step")
  func models() async throws {
    let bench = try await WinnerBench()
    _ = try await Self.filled(bench, 40)
    #expect(try await bench.found("brush", limit: 100).count == 40)
    let other = try await bench.test.anotherProcess(with: WinnerBench.additions(WordEmbedder("other-words")))
    #expect(try await bench.found("brush", limit: 100, in: other) == [])
    let before = try await other.winners.stats(of: bench.account)
    #expect(before.counts.embedded == 0 && before.counts.outdated == 40)
    _ = try await other.winners.add(#require(AdID("ad1")), of: bench.account)
    #expect(try await bench.found("brush", limit: 100, in: other) == ["ad1"])
    #expect(try await bench.found("brush", limit: 100).count == 39)
    let between = try await other.winners.stats(of: bench.account)
    #expect(between.counts.embedded == 1 && between.counts.outdated == 39)
  }

  @Test("An ad finds those like it, and not itself")
  func like() async throws {
    let bench = try await WinnerBench()
    for (ad, hook) in [("1", "red brush"), ("2", "blue brush"), ("3", "sandals"), ("loser", "green brush")] {
      try await bench.describe(ad, hook: hook)
    }
    for ad in ["1", "2", "3"] { try await bench.feed(ad) }
    try await bench.test.workOffJobs()
    for (ad, expected) in [("1", "2"), ("loser", "1")] {
      var query = WinnerQuery(.ad(try #require(AdID(ad))))
      query.limit = 3
      let found = try await bench.winners.search(query, of: bench.account).found.map(\.remembered.winner.adID.value)
      #expect(found.contains(expected) && !found.contains(ad))
    }
  }

  @Test("Memory is given to the accounts that searched last")
  func bounded() async throws {
    var settings = WinnerSearchSettings()
    settings.accountLimit = 2
    let bench = try await WinnerBench(search: settings)
    let accounts = try ["a", "b", "c"].map { try #require(AccountID($0)) }
    for account in accounts {
      try await bench.test.system.accounts.create(account)
      _ = try await Self.filled(bench, 3, of: account)
      #expect(try await bench.found("brush", of: account).count == 3)
    }
    var held: [Int?] = []
    for account in accounts { held.append(try await bench.winners.stats(of: account).heldCount) }
    #expect(held == [nil, 3, 3])
    for account in accounts { #expect(try await bench.found("brush", of: account).count == 3) }
  }

  @Test("Searches beside writes find no more and no less than was committed before they began")
  func beside() async throws {
    let bench = try await WinnerBench()
    let added = Counter()
    try await withThrowingTaskGroup { group in
      group.addTask {
        for number in 0..<30 {
          _ = try await Self.filled(bench, number + 1)
          added.count = number + 1
        }
      }
      for _ in 0..<3 {
        group.addTask {
          var count = 0
          while count < 30 {
            let least = added.count
            count = try await bench.found("brush", limit: 100).count
            #expect(count >= least)
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
