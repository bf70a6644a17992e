import DecisionEngine
import Values

/// A daily budget on an ad set or a campaign, and how it is spent.
struct Budget: Sendable {
  /// What may be spent a day on average, in minor units.
  private(set) var daily: Int64
  /// When it was changed within the last hour.
  private(set) var edits: [Instant] = []
  /// Until when no change is taken.
  private(set) var blockedUntil: Instant?
  /// What was charged on each day of the world, in minor units.
  private(set) var charges: [Int: Int64] = [:]
  private var pacing = Pacing()

  /// How many changes an hour takes.
  static let editsPerHour = 4

  init(daily: Int64) {
    self.daily = daily
  }

  /// Changes the amount, unless that would be one change too many: then none is taken for an hour, and the moment when
  /// that is over comes back.
  mutating func change(to amount: Int64, at now: Instant) -> Instant? {
    if let blockedUntil, now < blockedUntil { return blockedUntil }
    blockedUntil = nil
    edits.removeAll { $0 <= now.adding(seconds: -3_600) }
    guard edits.count < Self.editsPerHour else {
      blockedUntil = now.adding(seconds: 3_600)
      return blockedUntil
    }
    edits.append(now)
    daily = amount
    return nil
  }

  /// What is to be spent in a part of a day, in millionths of the major unit.
  ///
  /// `share` is that part of a usual day's spend, `pace` what today's spend is beside the budget.
  mutating func accrue(share: Double, pace: Double, on day: CalendarDay, of currency: Currency)
    -> Int64
  {
    let budget = Money(minorUnits: daily, of: currency).micros
    pacing.begin(day, budget: budget)
    return pacing.accrue(share * pace, of: budget)
  }

  /// Books what ads cost on a day of the world.
  mutating func charge(_ amount: Int64, on day: Int) {
    charges[day, default: 0] += amount
  }
}

/// What a budget allows: on a day 75 % more than it says, in a week from Sunday to Saturday seven times as much.
private struct Pacing: Sendable {
  private static let dayLimit = 1.75

  private var day = CalendarDay(daysSinceEpoch: 0)
  /// The highest budget of the present day so far.
  private var highest: Int64 = 0
  /// The sum of the highest budgets of the week's days before.
  private var earlier: Int64 = 0
  private var spentToday: Int64 = 0
  private var spentThisWeek: Int64 = 0
  /// What today is to cost beside the budget, so that the week comes to seven budgets.
  private var plan = 1.0

  mutating func begin(_ today: CalendarDay, budget: Int64) {
    if today != day {
      if today.week != day.week {
        earlier = 0
        spentThisWeek = 0
      } else {
        earlier += highest
      }
      day = today
      highest = 0
      spentToday = 0
      plan = Double(room(of: budget)) / Double(max(budget, 1) * Int64(day.daysLeftInWeek))
    }
    highest = max(highest, budget)
  }

  /// What the rest of the week may cost.
  private func room(of budget: Int64) -> Int64 {
    earlier + budget * Int64(day.daysLeftInWeek) - spentThisWeek
  }

  mutating func accrue(_ share: Double, of budget: Int64) -> Int64 {
    let today = Int64(clamping: Self.dayLimit * Double(budget)) - spentToday
    let amount = max(
      min(Int64(clamping: share * plan * Double(budget)), today, room(of: budget)), 0)
    spentToday += amount
    spentThisWeek += amount
    return amount
  }
}
