import Values

/// Decides when the next call may be sent, so that Meta never has to refuse one. It has no clock: callers pass the
/// time.
///
/// Up to half of a quota, calls are sent at once. Beyond that they are sent at growing intervals, and before the quota
/// is used up none is sent for a while: reading stops first, so that a change of a budget, and above all a stop, can
/// still be made. Quotas cover the last hour, so waiting frees them.
package struct MetaThrottle: Equatable, Sendable {
  /// The purpose of a call, which determines the quotas that it uses and how soon it must wait.
  package enum Purpose: Hashable, Sendable, CaseIterable {
    /// Reading figures.
    case insights
    /// Reading anything else.
    case reading
    /// Changing something.
    case writing
  }

  /// What a call must wait for.
  package struct Wait: Equatable, Sendable {
    /// When it may be sent, unless another reply changes that.
    package let until: Instant
    /// The limit that it would come too close to.
    package let limit: MetaLimit
  }

  /// Percent of a quota from which calls are sent at growing intervals.
  package static let slowFrom = 50.0
  /// The interval between calls just before they stop.
  package static let longestGap: Duration = .seconds(10)
  /// How long no call is sent where a quota is nearly used up and Meta gives no time.
  package static let rest: Duration = .seconds(300)

  private struct Level: Equatable, Sendable {
    let percent: Double
    let notedAt: Instant
  }

  private var levels: [MetaUsage.Quota: Level] = [:]
  private var windows: [MetaUsage.Quota: RateWindow<MetaLimit>] = [:]

  package init() {}

  /// Percent of a quota from which no call for `purpose` is sent for a while.
  package static func ceiling(for purpose: Purpose) -> Double {
    purpose == .writing ? 95 : 75
  }

  /// Applies what a reply reported at `now`.
  package mutating func note(_ usage: MetaUsage, at now: Instant) {
    for quota in MetaUsage.Quota.allCases {
      let shares = usage.shares.filter { $0.quota == quota }
      guard let percent = shares.map(\.percent).max() else { continue }
      levels[quota] = Level(percent: percent, notedAt: now)
      guard let time = shares.compactMap(\.regainAfter).max() else { continue }
      close(quota, until: now.adding(time), limit: Self.limit(of: quota))
    }
  }

  /// Records that Meta refuses calls for `purpose` until `end`.
  mutating func close(for limit: MetaLimit, purpose: Purpose, until end: Instant) {
    switch limit {
    case .app: close(.app, until: end, limit: limit)
    case .adAccount: close(.adAccount, until: end, limit: limit)
    case .insights: close(.insights, until: end, limit: limit)
    case .management: close(.management, until: end, limit: limit)
    case .changesPerSecond: if purpose == .writing { close(.management, until: end, limit: limit) }
    // These limit one object, or one kind of change: other calls may continue.
    case .budgetEdits, .adCreation: break
    }
  }

  /// What a call for `purpose` must wait for at `now`; nil where it may be sent.
  package func wait(for purpose: Purpose, at now: Instant) -> Wait? {
    Self.quotas(of: purpose).compactMap { wait(for: purpose, $0, at: now) }.max { $0.until < $1.until }
  }

  private func wait(for purpose: Purpose, _ quota: MetaUsage.Quota, at now: Instant) -> Wait? {
    if let closing = windows[quota]?.closing(at: now) { return Wait(until: closing.end, limit: closing.limit) }
    guard let level = levels[quota] else { return nil }
    let end = level.notedAt.adding(Self.gap(at: level.percent, ceiling: Self.ceiling(for: purpose)))
    return end > now ? Wait(until: end, limit: Self.limit(of: quota)) : nil
  }

  /// How long after the last reply the next call may be sent.
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
