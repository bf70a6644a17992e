import App
import AppTestKit
import Creatives
import Formats
import HTTPTypes
import Jobs
import Measurement
import Storage
import Synchronization
import TestKit
import Testing
import TextEmbedding
import Values
import Web

/// From figures to a winner that is found.
struct WinnerIndexingTests {
  @Test("Feedback over the threshold makes an ad with DNA searchable: feedback, job, row, search")
  func whole() async throws {
    let bench = try await WinnerBench()
    try await bench.describe("1", hook: "Why do dentists hate this brush")
    try await bench.describe("2", hook: "Summer sale ends tonight")
    try await bench.test.serving(as: .operator) { api in
      let body = #"{"ad_id": "1", "date": "2026-05-20", "impressions": 1000, "clicks": 31, "spend": 50}"#
      #expect(try await api.post("/api/ml/battle-hardened/feedback", body).done().at("is_winner") == true)
      let waiting = try await api.send(.get, "/api/ml/rag/winners/1").done()
      #expect(try waiting.text("waits") == "it is about to be embedded")
      #expect(try await bench.jobs(.available).count == 1)
      try await bench.test.workOffJobs()
      let found = try await api.post("/api/ml/rag/search-winners", #"{"query": "dentists brush"}"#).done()
      #expect(try found.number("results_found") == 1)
      let winner = try #require(try found.list("winners").first)
      #expect(try winner.text("ad_id") == "1")
      #expect(try winner.number("similarity") > 0.3)
      #expect(try winner.text("reason") == "ctr")
      #expect(try winner.number("then.ctr") == 0.031)
      #expect(try winner.number("now.clicks") == 31)
      #expect(try winner.text("dna.hook_dna.hook_text_full") == "Why do dentists hate this brush")
      #expect(try winner.at("is_winning") == true)
    }
    #expect(try await bench.test.number("SELECT COUNT(*) AS value FROM winner_index") == 1)
    #expect(
      try await bench.jobs(.completed).first?.report
        == "1 embedded now; 1 of 1 winners can be searched, 0 wait, 0 of them for creative DNA")
  }

  @Test("A winner without DNA waits, which can be seen, and is indexed once its DNA comes")
  func laterDNA() async throws {
    let bench = try await WinnerBench()
    try await bench.feed("1")
    #expect(try await bench.jobs().isEmpty)
    #expect(try await bench.remembered()["1"]?.waits == "its creative DNA is not known")
    let stats = try await bench.winners.stats(of: bench.account)
    #expect(stats.counts.withoutDNA == 1)
    #expect(stats.waiting.map(\.reason) == ["its creative DNA is not known"])
    #expect(try await bench.found("brush") == [])
    try await bench.describe("1", hook: "A brush")
    try await bench.test.workOffJobs()
    #expect(try await bench.found("brush") == ["1"])
    #expect(try await bench.remembered()["1"]?.waits == nil)
  }

  @Test("Other DNA of a winner is embedded anew; until then the earlier one is found")
  func otherDNA() async throws {
    let bench = try await WinnerBench()
    try await bench.describe("1", hook: "brush")
    try await bench.feed("1")
    try await bench.test.workOffJobs()
    try await bench.describe("1", hook: "sandals")
    #expect(try await bench.winners.stats(of: bench.account).counts.outdated == 1)
    #expect(try await bench.found("brush") { $0.minSimilarity = 0.5 } == ["1"])
    try await bench.test.workOffJobs()
    #expect(try await bench.found("brush") { $0.minSimilarity = 0.5 } == [])
    #expect(try await bench.found("sandals") { $0.minSimilarity = 0.5 } == ["1"])
  }

  @Test("A winner that stops winning is marked, not erased, and wins again with new figures")
  func lost() async throws {
    let bench = try await WinnerBench()
    try await bench.describe("1", hook: "brush")
    try await bench.feed("1")
    try await bench.test.workOffJobs()
    bench.test.clock.advance(seconds: 60)
    try await bench.feed("1", clicks: 0, day: "2026-05-02")
    let lost = try #require(try await bench.remembered()["1"])
    #expect(lost.winner.lostAt == bench.test.clock.now())
    #expect(lost.winner.then.clicks == 40 && lost.now?.impressions == 2_000)
    #expect(try await bench.found("brush") == ["1"])
    #expect(try await bench.found("brush") { $0.filter.onlyWinning = true } == [])
    bench.test.clock.advance(seconds: 60)
    try await bench.feed("1", clicks: 200, day: "2026-05-03")
    let back = try #require(try await bench.remembered()["1"])
    #expect(back.winner.isWinning && back.winner.wonAt == bench.test.clock.now())
    #expect(back.winner.then.clicks == 240)
    #expect(back.winner.number == lost.winner.number && back.winner.createdAt == lost.winner.createdAt)
    #expect(try await bench.found("brush") { $0.filter.onlyWinning = true } == ["1"])
  }

  @Test("A deal's move makes a winner in the same transaction")
  func deal() async throws {
    let bench = try await WinnerBench()
    try await bench.describe("1", hook: "brush")
    try await bench.feed("1", clicks: 5, spend: "1000")
    #expect(try await bench.remembered().isEmpty)
    try await bench.test.importText("id,dealstage,ad_id\nd,show_up,1\n", as: .hubspotDeals)
    #expect(try await bench.remembered()["1"]?.winner.reason == .roas)
    try await bench.test.workOffJobs()
    #expect(try await bench.found("brush") == ["1"])
  }

  @Test("Few impressions and little spend make no winner, by the account's own rule")
  func rule() async throws {
    let bench = try await WinnerBench()
    try await bench.feed("1", clicks: 2, impressions: 10)
    try await bench.feed("2", spend: "49")
    #expect(try await bench.remembered().isEmpty)
    try await bench.test.configure(#"{"winner_min_spend": 10, "winner_min_impressions": 10}"#)
    #expect(try await bench.remembered().isEmpty)
    try await bench.test.system.jobs.push([AutoIndexWinner(accountID: bench.account)])
    try await bench.test.workOffJobs()
    #expect(try await bench.remembered().keys.sorted() == ["1", "2"])
    #expect(
      try await bench.jobs(.completed).first?.report
        == "2 ads judged, 2 came to win, 0 do not win any more; 0 embedded now; 0 of 2 winners can be searched, 2 wait, "
        + "2 of them for creative DNA")
    try await bench.test.configure(#"{"winner_min_spend": 50, "winner_min_impressions": 1000}"#)
    try await bench.test.system.jobs.push([AutoIndexWinner(accountID: bench.account)])
    try await bench.test.workOffJobs()
    #expect(try await bench.remembered().values.allSatisfy { !$0.winner.isWinning })
  }

  @Test("The same job twice, and the same feedback twice, change nothing")
  func again() async throws {
    let bench = try await WinnerBench()
    try await bench.describe("1", hook: "brush")
    try await bench.feed("1")
    try await bench.test.workOffJobs()
    let before = try await bench.test.dump()["winner_index"]
    bench.test.clock.advance(seconds: 60)
    try await bench.feed("1")
    for _ in 1...2 {
      try await bench.test.system.jobs.push([AutoIndexWinner(accountID: bench.account)])
      try await bench.test.workOffJobs()
    }
    #expect(try await bench.test.dump()["winner_index"] == before)
  }

  @Test("Without an embedder everything else works, and what is missing is said")
  func noEmbedder() async throws {
    let bench = try await WinnerBench(nil)
    try await bench.describe("1", hook: "brush")
    try await bench.feed("1")
    try await bench.test.workOffJobs()
    let sentence = "no text embedder is configured, so that texts have no vectors"
    #expect(try await bench.remembered()["1"]?.waits == sentence)
    #expect(try await bench.winners.stats(of: bench.account).gap == sentence)
    #expect(try await bench.jobs(.completed).first?.report?.contains("1 wait (\(sentence))") == true)
    await #expect(throws: WinnerError.noEmbedder) { try await bench.found("brush") }
    let query = WinnerQuery(.embedding(WordEmbedder().vector("brush"), model: nil))
    #expect(try await bench.winners.search(query, of: bench.account).found.isEmpty)
    // Once there is one, the first job embeds what waits.
    let process = try await bench.test.anotherProcess(with: WinnerBench.additions())
    try await process.winners.rebuild(bench.account)
    try await Worker(
      queue: process.jobs, registry: process.jobRegistry, queues: [.winners: 1], workerID: "other",
      clock: { bench.test.clock.now() }
    ).workOff()
    #expect(try await bench.found("brush", in: process) == ["1"])
  }

  @Test("A text that the model refuses keeps no other from being embedded, and the reason is seen")
  func refused() async throws {
    var embedder = WordEmbedder()
    embedder.refusing = "sandals"
    let bench = try await WinnerBench(embedder)
    for (ad, hook) in [("1", "brush"), ("2", "sandals"), ("3", "hat")] {
      try await bench.describe(ad, hook: hook)
      try await bench.feed(ad)
    }
    try await bench.test.workOffJobs()
    #expect(try await Set(bench.found("brush hat")) == ["1", "3"])
    #expect(try await bench.remembered()["2"]?.waits == "the text cannot be embedded: it holds sandals")
    #expect(try await bench.winners.stats(of: bench.account).counts.refused == 1)
  }

  @Test(
    "An embedder that fails leaves winners waiting: for somebody, or for a later attempt", arguments: [true, false])
  func failing(_ passes: Bool) async throws {
    var embedder = WordEmbedder()
    embedder.failure = passes ? .busy("too many requests") : .unavailable("set a key")
    let bench = try await WinnerBench(embedder)
    try await bench.describe("1", hook: "brush")
    try await bench.feed("1")
    try await bench.test.workOffJobs()
    let job = try #require(try await bench.jobs().first)
    #expect(job.state == (passes ? .scheduled : .dead))
    #expect(try await bench.test.number("SELECT COUNT(*) AS value FROM winner_index WHERE embedding IS NULL") == 1)
  }

  @Test("Embedders of another dimension, or whose vectors have another length than 1, are not taken")
  func alien() async throws {
    let bench = try await WinnerBench(WordEmbedder(dimension: 768))
    let sentence = "the model words makes vectors of 768 numbers, and those of winners have 384"
    #expect(try await bench.winners.stats(of: bench.account).gap == sentence)
    await #expect(throws: WinnerError.dimension(768, model: "words")) { try await bench.found("x") }
  }

  @Test("By hand an ad is a winner whatever its figures say")
  func hand() async throws {
    let bench = try await WinnerBench()
    let ad = try #require(AdID("1"))
    await #expect(throws: WinnerError.unknownAd(ad, bench.account)) {
      try await bench.winners.add(ad, of: bench.account)
    }
    try await bench.feed("1", clicks: 1)
    let dna = try WinnerBench.creative("1", hook: "brush").dna
    let added = try await bench.winners.add(ad, dna: dna, of: bench.account)
    #expect(!added.wasKnown && added.remembered.waits == nil && added.remembered.winner.reason == .hand)
    #expect(try await bench.found("brush") == ["1"])
    try await bench.feed("1", clicks: 1, day: "2026-05-02")
    #expect(try await bench.remembered()["1"]?.winner.isWinning == true)
    #expect(try await bench.winners.add(ad, of: bench.account).wasKnown)
    try await bench.feed("1", clicks: 500, day: "2026-05-03")
    #expect(try await bench.remembered()["1"]?.winner.reason == .ctr)
  }

  @Test("A job wakes this process's workers once what it is for is committed")
  func wakes() async throws {
    let bench = try await WinnerBench()
    // The worker looks by itself once, and then waits to be woken.
    let stillness = Stillness()
    let worker = Worker(
      queue: bench.test.system.jobs, registry: bench.test.system.jobRegistry, queues: [.winners: 1], workerID: "w",
      clock: { bench.test.clock.now() }, sleep: { _ in try await stillness.wait() })
    let running = Task { await worker.run() }
    for (ad, hook) in [("1", "brush"), ("2", "hat")] {
      try await bench.describe(ad, hook: hook)
      try await bench.feed(ad)
      while try await bench.found(hook, { $0.minSimilarity = 0.5 }) != [ad] { await Task.yield() }
    }
    running.cancel()
    await running.value
  }
}

/// A wait that nothing ends but cancellation.
private final class Stillness: Sendable {
  private let kept = Mutex<[AsyncStream<Never>.Continuation]>([])

  func wait() async throws {
    let (stream, continuation) = AsyncStream<Never>.makeStream()
    kept.withLock { $0.append(continuation) }
    for await _ in stream {}
    throw CancellationError()
  }
}
