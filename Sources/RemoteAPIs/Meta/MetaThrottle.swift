import Values

/// Decides when the next call may leave, so that Meta never has to refuse one. It has no clock: callers tell the time.
///
/// Up to half of a quota calls leave at once. From there on they leave farther and farther apart, and before the quota is
/// used up none leaves for a while: reading stops first, so that a change of a budget, above all a stop, still can be
/// made. Quotas are counted over the last hour, so that waiting frees them.
package struct MetaThrottle: Equatable, Sendable {
  /// What a call is for, which decides the quotas that it uses and how soon it gives way.
  package enum Purpose: Hashable, Sendable, CaseIterable {
    /// Reading figures.
    case insights
    /// Reading anything else.
    case reading
    /// Changing something.
    case writing
  }

  /// What a call has to wait for.
  package struct Wait: Equatable, Sendable {
    /// When it may leave, if no other answer says otherwise until then.
    package let until: Instant
    /// The limit that it would come too near.
    package let limit: MetaLimit
  }

  /// Percent of a quota from which on calls leave farther apart.
  package static let slowFrom = 50.0
  /// How far apart calls leave just before none does.
  package static let longestGap: Duration = .seconds(10)
  /// How long no call leaves where a quota is nearly used up and Meta does not say for how long.
  package static let rest: Duration = .seconds(300)

  private struct Level: Equatable, Sendable {
    let percent: Double
    let notedAt: Instant
  }

  private var levels: [MetaUsage.Quota: Level] = [:]
  private var windows: [MetaUsage.Quota: RateWindow<MetaLimit>] = [:]

  /// Knows of nothing that is used up.
  package init() {}

  /// Percent of a quota from which on no call for `purpose` leaves for a while.
  package static func ceiling(for purpose: Purpose) -> Double {
    purpose == .writing ? 95 : 75
  }

  /// Takes in what an answer said at `now`.
  package mutating func note(_ usage: MetaUsage, at now: Instant) {
    for quota in MetaUsage.Quota.allCases {
      let shares = usage.shares.filter { $0.quota == quota }
      guard let percent = shares.map(\.percent).max() else { continue }
      levels[quota] = Level(percent: percent, notedAt: now)
      guard let time = shares.compactMap(\.regainAfter).max() else { continue }
      close(quota, until: now.adding(time), limit: Self.limit(of: quota))
    }
  }

  /// Takes in that Meta refused a call of `purpose` until `end`.
  mutating func close(for limit: MetaLimit, purpose: Purpose, until end: Instant) {
    switch limit {
    case .app: close(.app, until: end, limit: limit)
    case .adAccount: close(.adAccount, until: end, limit: limit)
    case .insights: close(.insights, until: end, limit: limit)
    case .management: close(.management, until: end, limit: limit)
    case .changesPerSecond: if purpose == .writing { close(.management, until: end, limit: limit) }
    // These limit one object, or one kind of change: other calls may go on.
    case .budgetEdits, .adCreation: break
    }
  }

  /// What keeps a call for `purpose` from leaving at `now`; nil where nothing does.
  package func wait(for purpose: Purpose, at now: Instant) -> Wait? {
    Self.quotas(of: purpose).compactMap { wait(for: purpose, $0, at: now) }.max { $0.until < $1.until }
  }

  private func wait(for purpose: Purpose, _ quota: MetaUsage.Quota, at now: Instant) -> Wait? {
    if let closing = windows[quota]?.closing(at: now) { return Wait(until: closing.end, limit: closing.limit) }
    guard let level = levels[quota] else { return nil }
    let end = level.notedAt.adding(Self.gap(at: level.percent, ceiling: Self.ceiling(for: purpose)))
    return end > now ? Wait(until: end, limit: Self.limit(of: quota)) : nil
  }

  /// How long after the last answer the next call may leave.
  private static func gap(at percent: Double, ceiling: Double) -> Duration {
    guard percent < ceiling else { return rest }
    return longestGap * (max(percent - slowFrom, 0) / (ceiling - slowFrom))
  }

  private mutating func close(_ quota: MetaUsage.Quota, until end: Instant, limit: MetaLimit) {
    windows[quota, default: RateWindow()].close(until: end, limit: limit)
  }

  private static func quotas(of purpose: Purpose) -> [MetaUsage.Quota] {
    [.app, .adAccount, purpose == .insights ? .insights : .management]
  }

  private static func limit(of quota: MetaUsage.Quota) -> MetaLimit {
    switch quota {
    case .app: .app
    case .adAccount: .adAccount
    case .insights: .insights
    case .management: .management
    }
  }
}
