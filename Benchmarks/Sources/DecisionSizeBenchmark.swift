import Accounts
import App
import ArgumentParser
import DecisionEngine
import Decisions
import Foundation
import Measurement
import Storage
import StorageSQLite
import Synchronization
import Values

/// `benchmarks decision-size`: what a stored decision of a large account adds to a SQLite file.
struct DecisionSizeBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decision-size",
    abstract: "Decide on each new day of a large account's figures; print the bytes that each decision adds.")

  @Option(help: "Ads of the account.")
  var ads = 1_000
  @Option(help: "Days of figures before the first decision.")
  var days = 180
  @Option(help: "Deals behind the first decision.")
  var deals = 100_000
  @Option(help: "Decisions, one a day.")
  var decisions = 10

  /// Of how many ads one day in the last three is restated each day.
  private static let restatedShare = 0.05

  func run() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "decision-size-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let clock = BenchmarkClock()
    let database = try SQLiteDatabase(path: folder.appending(path: "data.sqlite").path)
    let system = try await System(database: database, clock: { clock.now })
    guard let account = AccountID("large") else { throw ValidationError("no account") }
    try await system.accounts.create(account)
    var files = LargeAccountFiles(ads: ads, dealsPerDay: max(1, deals / days), folder: folder)
    try await files.pass(days, restated: 0, clock, system, account)
    var (sizes, times, ids): ([Int], [Double], [DecisionID]) = ([], [], [])
    for number in 1...decisions {
      try await files.pass(1, restated: Self.restatedShare, clock, system, account)
      let before = try await Self.bytes(in: database)
      let start = ContinuousClock.now
      var order = DecisionService.Order(account: account, totalBudget: Money(micros: Int64(ads) * 60_000_000))
      order.seed = UInt64(number)
      ids.append(try await system.decisions.decide(order).id)
      times.append((ContinuousClock.now - start) / .milliseconds(1))
      sizes.append(try await Self.bytes(in: database) - before)
    }
    for id in ids {
      guard try await system.decisions.replay(id).isIdentical else { throw ValidationError("\(id) differs") }
    }
    let later = sizes.dropFirst().sorted()
    print(
      """
      {"benchmark":"decision_size","ads":\(ads),"days":\(days),"deals":\(files.dealCount),"first_bytes":\(sizes[0]),\
      "median_bytes":\(later.isEmpty ? 0 : later[later.count / 2]),"largest_bytes":\(later.last ?? 0),\
      "median_ms":\(Int(clamping: times.sorted()[times.count / 2]))}
      """)
  }

  /// The pages of the file that hold something, in bytes.
  private static func bytes(in database: SQLiteDatabase) async throws -> Int {
    try await database.read { transaction in
      let pages = try transaction.first(
        """
        SELECT (page_count - freelist_count) * page_size AS bytes
        FROM pragma_page_count, pragma_freelist_count, pragma_page_size
        """)
      return try pages?.get("bytes") ?? 0
    }
  }
}

/// A clock that shows what it is set to.
private final class BenchmarkClock: Sendable {
  private let moment = Mutex(Instant(seconds: 0))

  var now: Instant {
    get { moment.withLock { $0 } }
    set { moment.withLock { $0 = newValue } }
  }
}

/// The files that a large account's days come in as: figures of each ad, some of them restated later, and deals that
/// move for weeks.
private struct LargeAccountFiles {
  private(set) var dealCount = 0
  private let ads: [String]
  private let dealsPerDay: Int
  private let folder: URL
  private var stream = RandomStream(seed: 5)
  private var day = CalendarDay(daysSinceEpoch: 20_000)
  /// Lines of moves by their day.
  private var upcoming: [CalendarDay: [String]] = [:]

  init(ads: Int, dealsPerDay: Int, folder: URL) {
    self.ads = (0..<ads).map { "1202\(100_000_000_000 + $0 * 7_919)" }
    self.dealsPerDay = dealsPerDay
    self.folder = folder
  }

  /// Imports `count` days and sets the clock to the end of the last of them.
  mutating func pass(
    _ count: Int, restated share: Double, _ clock: BenchmarkClock, _ system: System, _ account: AccountID
  ) async throws {
    var figures = "ad_id,date,impressions,clicks,spend,leads\n"
    var moves = "id,dealstage,ad_id,hs_v2_date_entered_current_stage,amount\n"
    if share > 0 { restate(share, &figures) }
    for _ in 0..<count {
      for adID in ads { figures += report(of: adID, on: day) }
      for _ in 0..<dealsPerDay { makeDeal() }
      for line in upcoming.removeValue(forKey: day) ?? [] { moves += line }
      day = day.adding(days: 1)
    }
    clock.now = Instant(startOf: day).adding(seconds: -1)
    for (text, name, kind) in [
      (figures, "figures.csv", ImportService.Kind.adsCSV), (moves, "deals.csv", .hubspotDeals),
    ] {
      let file = folder.appending(path: name)
      try Data(text.utf8).write(to: file)
      _ = try await system.imports.importFile(file.path, as: kind, into: account, ImportOptions()) { _ in }
    }
  }

  private mutating func restate(_ share: Double, _ figures: inout String) {
    for back in 1...3 {
      for adID in ads where stream.nextUniform() < share { figures += report(of: adID, on: day.adding(days: -back)) }
    }
  }

  private mutating func report(of adID: String, on day: CalendarDay) -> String {
    let impressions = 1_000 + Int(clamping: 4_000 * stream.nextUniform())
    let spend = Money(minorUnits: Int64(clamping: 2_000 + 8_000 * stream.nextUniform()), of: .usd)
    let clicks = Int(clamping: Double(impressions) * (0.005 + 0.01 * stream.nextUniform()))
    return "\(adID),\(day),\(impressions),\(clicks),\(spend),\(Int(clamping: 3 * stream.nextUniform()))\n"
  }

  private mutating func makeDeal() {
    dealCount += 1
    let adID = ads[Int(clamping: stream.nextUniform() * Double(ads.count))]
    var moment = Instant(startOf: day).adding(seconds: Int64(clamping: stream.nextUniform() * 86_000))
    emit(adID, "lead", moment, "")
    for (stage, chance) in [("appointment_scheduled", 0.25), ("show_up", 0.6), ("closed_won", 0.2)] {
      moment = moment.adding(seconds: Int64(clamping: 10 * 86_400 * stream.nextUniform()))
      guard stream.nextUniform() < chance else {
        if stream.nextUniform() < 0.7 { emit(adID, "closed_lost", moment, "") }
        return
      }
      let amount = 1_000 + Int(clamping: 4_000 * stream.nextUniform())
      emit(adID, stage, moment, stage == "closed_won" ? "\(amount)" : "")
    }
  }

  private mutating func emit(_ adID: String, _ stage: String, _ moment: Instant, _ amount: String) {
    upcoming[moment.utcDay, default: []].append("deal\(dealCount),\(stage),\(adID),\(moment),\(amount)\n")
  }
}
