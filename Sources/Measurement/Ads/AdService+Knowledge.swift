import Accounts
import DecisionEngine
import Storage
import Values

extension AdService {
  /// How many days of figures a decision uses.
  private static let historyDays = 180

  /// What is known of the account's ads: now, or at the end of `day`. Everything is read in one snapshot.
  package func known(
    of account: AccountID, configuration: AccountConfiguration, asOf day: CalendarDay? = nil,
    withHistory: Bool = false
  ) async throws -> KnownAds {
    let now = clock()
    return try await database.read { [self] transaction in
      try known(of: account, configuration, asOf: day, at: now, withHistory: withHistory, in: transaction)
    }
  }

  /// What is known of the account's ads at `now`, or at the end of `day`, as seen by `transaction`.
  ///
  /// As of a day, whether an ad runs is decided by the statements and the days of figures known by then.
  package func known(
    of account: AccountID, _ configuration: AccountConfiguration, asOf day: CalendarDay?, at now: Instant,
    withHistory: Bool, in transaction: any Transaction
  ) throws -> KnownAds {
    let calendar = try configuration.calendar
    let moment = day.map { calendar.start(of: $0.adding(days: 1)) } ?? now
    let today = day ?? calendar.day(of: now)
    let records = try records(of: account, configuration, asOf: day, until: moment, in: transaction)
    let statements = try deliveries.statements(of: account, by: moment, in: transaction)
    // Figures of future days do not make the others look old.
    let figuresAsOf = records.map(\.lastDay).max().map { min($0, today) }
    let ads = try records.map { record in
      KnownAds.Ad(
        state: try record.state(at: moment, calendar: calendar), name: record.name,
        delivery: AdDelivery(
          statements[record.adID] ?? DeliveryStatements(), lastDelivery: record.lastDelivery,
          figuresAsOf: figuresAsOf ?? today))
    }
    let freshness = FiguresFreshness(
      figuresAsOf: figuresAsOf,
      dealsAsOf: try deals.lastMove(of: account, before: day == nil ? nil : moment, now: now, in: transaction),
      day: today, warningDays: configuration.figuresWarningDays, limitDays: configuration.figuresLimitDays)
    return KnownAds(
      ads: ads, at: moment, freshness: freshness,
      history: withHistory
        ? try history(of: account, configuration, asOf: day, at: now, in: transaction) : nil)
  }

  private func records(
    of account: AccountID, _ configuration: AccountConfiguration, asOf day: CalendarDay?, until end: Instant,
    in transaction: any Transaction
  ) throws -> [AdRecord] {
    guard let day else { return try repository.getAll(of: account, in: transaction) }
    var records = try repository.getAll(of: account, asOf: day, in: transaction)
    let worth = try deals.totals(of: account, until: end, configuration, in: transaction)
    for index in records.indices { records[index].deals = worth[records[index].adID] ?? .zero }
    return records
  }

  /// The account's counts: now, or as they were known at the end of `day`. Nil where its stages form no funnel.
  package func history(
    of account: AccountID, configuration: AccountConfiguration, asOf day: CalendarDay?
  ) async throws -> FunnelTallies? {
    let now = clock()
    return try await database.read { [self] transaction in
      try history(of: account, configuration, asOf: day, at: now, in: transaction)
    }
  }

  private func history(
    of account: AccountID, _ configuration: AccountConfiguration, asOf day: CalendarDay?, at now: Instant,
    in transaction: any Transaction
  ) throws -> FunnelTallies? {
    let calendar = try configuration.calendar
    let end = day.map { calendar.start(of: $0.adding(days: 1)) }
    let last = day ?? calendar.day(of: now)
    guard var tallies = try deals.tallies(of: account, configuration, until: end, in: transaction) else { return nil }
    try repository.forEachDay(
      of: account, from: last.adding(days: -Self.historyDays), to: last, knownAt: end, in: transaction
    ) { tallies.take($0) }
    return tallies
  }

  /// Up to which day the account's figures and deals are known.
  package func freshness(of account: AccountID) async throws -> FiguresFreshness {
    let now = clock()
    return try await database.read { [self] transaction in
      let configuration = try accounts.configuration(of: account, in: transaction)
      let today = try configuration.calendar.day(of: now)
      return FiguresFreshness(
        figuresAsOf: try repository.lastDay(of: account, in: transaction).map { min($0, today) },
        dealsAsOf: try deals.lastMove(of: account, before: nil, now: now, in: transaction), day: today,
        warningDays: configuration.figuresWarningDays, limitDays: configuration.figuresLimitDays)
    }
  }
}
