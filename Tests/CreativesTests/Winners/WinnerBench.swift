import App
import AppTestKit
import Creatives
import Formats
import Jobs
import Measurement
import Storage
import TestKit
import TextEmbedding
import Values

/// A system whose winners are embedded by their words.
struct WinnerBench {
  let test: TestSystem

  var account: AccountID { test.account }
  var winners: WinnerService { test.system.winners }

  static func additions(_ embedder: (any TextEmbedder)? = WordEmbedder()) -> SystemAdditions {
    var additions = SystemAdditions()
    additions.embedder = embedder
    return additions
  }

  init(_ embedder: (any TextEmbedder)? = WordEmbedder(), search: WinnerSearchSettings = WinnerSearchSettings())
    async throws
  {
    var additions = Self.additions(embedder)
    additions.winnerSearch = search
    test = try await TestSystem(with: additions)
  }

  /// Says what an ad did on the first of May: enough to be judged unless told otherwise.
  @discardableResult
  func feed(
    _ ad: String, clicks: Int = 40, impressions: Int = 1_000, spend: String = "50", day: String = "2026-05-01",
    of account: AccountID? = nil
  ) async throws -> FeedbackResult {
    guard let adID = AdID(ad), let day = CalendarDay(day), let spend = Money(decimal: spend) else {
      throw DatabaseError.failed("the test's figures cannot be")
    }
    return try await test.system.ads.feedback(
      DailyMetrics(adID: adID, day: day, impressions: impressions, clicks: clicks, spend: spend),
      of: account ?? self.account)
  }

  /// Says what an ad is made of.
  func describe(_ ad: String, hook: String, of account: AccountID? = nil) async throws {
    try await test.system.creatives.take([Self.creative(ad, hook: hook)], of: account ?? self.account)
  }

  static func creative(_ ad: String, hook: String) throws -> (adID: AdID, dna: CreativeDNA) {
    guard let adID = AdID(ad) else { throw DatabaseError.failed("the test's ad cannot be") }
    return (adID, try CreativeDNA.read(columns: [("hook_text_full", hook)]))
  }

  /// The ads that a search for `text` finds, closest first.
  func found(
    _ text: String, limit: Int = 5, of account: AccountID? = nil, in system: System? = nil,
    _ change: (inout WinnerQuery) -> Void = { _ in }
  ) async throws -> [String] {
    var query = WinnerQuery(.text(text))
    query.limit = limit
    change(&query)
    return try await (system ?? test.system).winners.search(query, of: account ?? self.account).found
      .map(\.remembered.winner.adID.value)
  }

  /// The winners by their ads.
  func remembered(of account: AccountID? = nil) async throws -> [String: WinnerService.Remembered] {
    let all = try await winners.list(limit: 500, of: account ?? self.account)
    return Dictionary(uniqueKeysWithValues: all.map { ($0.winner.adID.value, $0) })
  }

  /// The jobs about winners, and what they said, latest first.
  func jobs(_ state: JobState? = nil) async throws -> [JobRecord] {
    try await test.system.jobs.list(JobFilter(accountID: account, name: AutoIndexWinner.name, state: state))
  }
}
