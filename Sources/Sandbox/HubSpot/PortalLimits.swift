import Values

/// HubSpot's limits of calls.
package struct PortalLimits: Sendable {
  /// How many calls a window takes.
  package var perWindow = 190
  /// How long a window is, in milliseconds.
  package var windowMilliseconds: Int64 = 10_000
  /// How many calls a day takes.
  package var perDay = 625_000
  /// How many searches a second takes; nil for any number.
  package var searchesPerSecond: Int?
}

/// Calls counted against the limits.
struct PortalCounters: Sendable {
  private var windowStart = Instant(seconds: 0)
  private var inWindow = 0
  private var today = 0
  private var searchStart = Instant(seconds: 0)
  private var searches = 0

  /// Counts one call and says which limit it breaks, by the name that HubSpot has for it.
  mutating func count(isSearch: Bool, _ limits: PortalLimits, at now: Instant) -> String? {
    if now.microseconds - windowStart.microseconds >= limits.windowMilliseconds * 1_000 {
      windowStart = now
      inWindow = 0
    }
    if now.microseconds - searchStart.microseconds >= 1_000_000 {
      searchStart = now
      searches = 0
    }
    if today >= limits.perDay { return "DAILY" }
    if inWindow >= limits.perWindow { return "TEN_SECONDLY_ROLLING" }
    if isSearch, let most = limits.searchesPerSecond, searches >= most { return "SECONDLY" }
    today += 1
    inWindow += 1
    if isSearch { searches += 1 }
    return nil
  }

  /// The headers of an answer.
  func headers(_ limits: PortalLimits) -> [(name: String, value: String)] {
    [
      ("X-HubSpot-RateLimit-Max", "\(limits.perWindow)"),
      ("X-HubSpot-RateLimit-Remaining", "\(max(0, limits.perWindow - inWindow))"),
      ("X-HubSpot-RateLimit-Interval-Milliseconds", "\(limits.windowMilliseconds)"),
      ("X-HubSpot-RateLimit-Daily", "\(limits.perDay)"),
      ("X-HubSpot-RateLimit-Daily-Remaining", "\(max(0, limits.perDay - today))"),
    ]
  }
}
