import Values

/// A moment in the local time of an ad account.
package struct AccountMoment: Hashable, Sendable {
  package let now: Instant
  /// When the account's day began.
  package let dayStart: Instant
  /// When the account's next day begins.
  package let dayEnd: Instant
  /// The day of the week: 0 for Monday to 6.
  package let weekday: Int
  /// The hour of the day: 0 to 23.
  package let hour: Int

  package init(now: Instant, dayStart: Instant, dayEnd: Instant, weekday: Int, hour: Int) {
    self.now = now
    self.dayStart = dayStart
    self.dayEnd = dayEnd
    self.weekday = weekday
    self.hour = hour
  }

  /// The start of the next hour for which `isWanted` is true, within a week; nil where there is none. A clock change
  /// before it shifts the result by the size of the change.
  func nextHour(where isWanted: (_ weekday: Int, _ hour: Int) -> Bool) -> Instant? {
    let hourStart = now.adding(seconds: -max(0, now.seconds - dayStart.seconds) % 3_600)
    for step in 1...168 {
      let hours = hour + step
      if isWanted((weekday + hours / 24) % 7, hours % 24) {
        return hourStart.adding(seconds: Int64(step) * 3_600)
      }
    }
    return nil
  }
}
