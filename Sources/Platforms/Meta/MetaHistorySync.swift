import Accounts
import Measurement
import RemoteAPIs
import Storage
import Values

/// Reads an ad account's past, part by part, the latest first. Each step is stored before the next, so that after a
/// crash a requested report is not requested again.
struct MetaHistorySync: Sendable {
  let database: any Database
  let clock: @Sendable () -> Instant
  let ads: AdService
  let connections: MetaConnectionService
  let connection: MetaConnection
  let reader: MetaFiguresReader
  private let repository = InsightSyncRepository()

  init(
    database: any Database, clock: @escaping @Sendable () -> Instant, ads: AdService,
    connections: MetaConnectionService, connection: MetaConnection, reader: MetaFiguresReader
  ) {
    self.database = database
    self.clock = clock
    self.ads = ads
    self.connections = connections
    self.connection = connection
    self.reader = reader
  }

  private var account: AccountID { connection.accountID }

  /// For how many months Meta keeps figures.
  private static let months = 37
  /// For how long new parts are started, in seconds.
  private static let workTime: Int64 = 600
  /// How many times a report of a single day is requested.
  private static let attempts = 3
  /// How long until a failed part is tried again, in seconds.
  private static let failedPause: Int64 = 86_400

  /// The first day for which Meta has figures on `today`, with a day of tolerance for its own clock.
  static func firstDay(before today: CalendarDay) -> CalendarDay {
    let (year, month, day) = today.components
    let index = year * 12 + month - 1 - months
    // Months differ in length: the 31st may not exist.
    let start = CalendarDay(year: index / 12, month: index % 12 + 1, day: min(day, 28)) ?? today
    return start.adding(days: day > 28 ? day - 27 : 1)
  }

  /// Reads parts of the days from `start`, which may be later than Meta's first day for a young ad account, to `end`,
  /// until none is left or the time has passed. Returns the progress, and whether to continue at once.
  func work(
    from start: CalendarDay?, before end: CalendarDay, _ progress: (InsightHistory) -> Void
  ) async throws -> (history: InsightHistory, goesOn: Bool) {
    let deadline = clock().adding(seconds: Self.workTime)
    var chunks = try await plan(from: start, before: end)
    var goesOn = true
    progress(InsightHistory(chunks))
    while goesOn, clock() < deadline, let next = chunks.first(where: \.isLeft) {
      goesOn = try await read(next)
      chunks = try await database.read { [repository, account] in try repository.all(of: account, in: $0) }
      progress(InsightHistory(chunks))
    }
    return (InsightHistory(chunks), goesOn && chunks.contains(where: \.isLeft))
  }

  /// The parts as stored; created where there are none. Parts read with other settings for actions or clicks, and parts
  /// that failed a day ago, are started again.
  private func plan(from start: CalendarDay?, before end: CalendarDay) async throws -> [InsightChunk] {
    let readAs = reader.configuration.adReports.signature
    let today = try reader.configuration.calendar.day(of: clock())
    let first = max(Self.firstDay(before: today), start ?? .init(daysSinceEpoch: 0))
    return try await database.write { [self] transaction in
      try connections.requireUnchanged(connection, in: transaction)
      let chunks = try repository.all(of: account, in: transaction)
      let now = clock()
      let again = chunks.filter { chunk in
        chunk.readAs != readAs || (chunk.state == .failed && chunk.updatedAt <= now.adding(seconds: -Self.failedPause))
      }
      let new =
        chunks.isEmpty
        ? InsightChunk.plan(from: first, to: end.adding(days: -1), readAs: readAs)
        : again.map { InsightChunk(first: $0.first, last: $0.last, readAs: readAs) }
      try repository.save(new, of: account, at: now, in: transaction)
      return new.isEmpty ? chunks : try repository.all(of: account, in: transaction)
    }
  }

  /// Reads a part. Returns whether the next one may be started: not where a report takes longer than it can be waited
  /// for, or failed, because the next one would probably fail too.
  private func read(_ chunk: InsightChunk) async throws -> Bool {
    var chunk = chunk
    if chunk.reportID == nil {
      chunk.reportID = try await reader.order(from: chunk.first, to: chunk.last).value
      chunk.state = .ordered
      try await save([chunk])
    }
    guard let report = chunk.reportID.flatMap(MetaID.init) else { throw DatabaseError.unreadableColumn("report_id") }
    switch try await outcome(of: report) {
    case .running: return false
    case .failed(let reason):
      try await save(Self.again(chunk, reason))
      return false
    case .completed: break
    }
    let found = try await reader.days(ofReport: report)
    try await ads.take(found.days, from: MetaSyncService.platform, of: account)
    chunk.state = .done
    chunk.reportID = nil
    chunk.rows = found.days.count
    chunk.problem = found.problems.first.map { "rows that cannot be read were left out: \($0)" }
    try await save([chunk])
    return true
  }

  /// Reports are kept for 30 days: one that no longer exists has failed.
  private func outcome(of report: MetaID) async throws(MetaError) -> MetaReport {
    do throws(MetaError) {
      return try await reader.outcome(of: report)
    } catch {
      guard [.notFound, .invalid].contains(error.kind) else { throw error }
      return .failed(error.message)
    }
  }

  /// What is left to do for a part whose report failed. It may have been too large: after the second failure its halves
  /// are tried. A single day is abandoned after the third.
  private static func again(_ chunk: InsightChunk, _ reason: String) -> [InsightChunk] {
    var chunk = chunk
    chunk.problem = String(reason.prefix(1_000))
    chunk.reportID = nil
    chunk.attempts += 1
    chunk.state = chunk.attempts < attempts ? .waiting : .failed
    if chunk.attempts > 1, let halves = chunk.halves { return halves }
    return [chunk]
  }

  private func save(_ chunks: [InsightChunk]) async throws {
    try await database.write { [self] transaction in
      try connections.requireUnchanged(connection, in: transaction)
      try repository.save(chunks, of: account, at: clock(), in: transaction)
    }
  }
}
