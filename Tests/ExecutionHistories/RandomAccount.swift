import DecisionEngine
import Execution
import Values

/// A random ad account with random limits, at a random magnitude of money.
struct RandomAccount {
  var account: LiveAccount
  let settings: ExecutionSettings
  let platformMinimum: Int64
  /// Seconds by which the account's days begin after those of UTC.
  let dayOffset: Int64
  var random: RandomStream

  init(seed: UInt64) {
    var random = RandomStream(seed: seed)
    // From single units to the ends of the type.
    let unit = (0..<random.int(in: 0...18)).reduce(Int64(1)) { unit, _ in unit * 10 }
    var objects: [LiveObject] = []
    for campaign in 0..<random.int(in: 1...3) { objects += Self.campaign(campaign, unit, &random) }
    settings = Self.settings(unit, &random)
    platformMinimum = random.int(in: 0...3) == 0 ? Self.amount(unit, &random) / 4 : 1
    dayOffset = Int64(random.int(in: -12...12)) * 3_600
    let ads = objects.filter { $0.level == .ad }.map(\.id)
    account = LiveAccount(objects, paces: Self.paces(ads, unit, &random))
    self.random = random
  }

  private static func campaign(_ number: Int, _ unit: Int64, _ random: inout RandomStream) -> [LiveObject] {
    guard let id = ObjectID("c\(number)") else { return [] }
    var campaign = LiveObject(id: id, level: .campaign, parentID: nil, state: state(&random))
    let place = random.int(in: 0...5)
    if place == 0 { campaign.budget = .lifetime(amount(unit, &random)) }
    if place == 1 || place == 2 { campaign.budget = .daily(amount(unit, &random)) }
    campaign.sharesBudgets = random.int(in: 0...4) == 0
    var objects: [LiveObject] = []
    for index in 0..<random.int(in: 1...3) {
      guard let setID = ObjectID("c\(number)s\(index)") else { continue }
      var adSet = LiveObject(id: setID, level: .adSet, parentID: id, state: state(&random))
      // Once in a while on both levels, which must be refused.
      if place > 2 || random.int(in: 0...19) == 0 { adSet.budget = .daily(amount(unit, &random)) }
      adSet.learning = LearningState.allCases.randomElement(using: &random) ?? .unknown
      adSet.schedules = schedules(unit, &random)
      objects.append(adSet)
      for ad in 0..<random.int(in: 0...3) {
        guard let adID = ObjectID("c\(number)s\(index)a\(ad)") else { continue }
        objects.append(LiveObject(id: adID, level: .ad, parentID: setID, state: state(&random)))
      }
    }
    return [campaign] + objects
  }

  private static func state(_ random: inout RandomStream) -> SwitchState {
    random.int(in: 0...7) == 0 ? .paused : .active
  }

  private static func schedules(_ unit: Int64, _ random: inout RandomStream) -> [BudgetSchedule]? {
    switch random.int(in: 0...9) {
    case 0: return nil
    case 1:
      let start = RandomHistory.start.adding(seconds: Int64(random.int(in: 0...4)) * 86_400)
      let raise: BudgetSchedule.Raise =
        random.int(in: 0...1) == 0
        ? .amount(amount(unit, &random)) : .factor(Share(millionths: Int64(random.int(in: 0...3_000_000))))
      return [BudgetSchedule(from: start, to: start.adding(seconds: 40_000), raise: raise)]
    default: return []
    }
  }

  private static func paces(
    _ ads: [ObjectID], _ unit: Int64, _ random: inout RandomStream
  ) -> [ObjectID: AdPace] {
    guard random.int(in: 0...5) > 0 else { return [:] }
    return ads.reduce(into: [:]) { paces, ad in
      paces[ad] = AdPace(
        dailySpend: amount(unit, &random), spentToday: amount(unit, &random),
        resultsToday: Int64(random.int(in: 0...2)))
    }
  }

  /// Up to ten units, or a number without sense.
  static func amount(_ unit: Int64, _ random: inout RandomStream) -> Int64 {
    switch random.int(in: 0...40) {
    case 0: .max
    case 1: 0
    default: Int64(clamping: Int128(unit) * Int128(random.int(in: 1...1_000)) / 100)
    }
  }

  private static func settings(_ unit: Int64, _ random: inout RandomStream) -> ExecutionSettings {
    var settings = ExecutionSettings()
    settings.mode = .automatic
    settings.maxDailyChange = Share(millionths: Int64(random.int(in: 10_000...1_000_000)))
    settings.budgetEditsPerHour = random.int(in: 1...4)
    settings.maxChangesPerDay = random.int(in: 1...20)
    let floor = Int64(clamping: Int128(unit) * Int128(random.int(in: 0...200)) / 100)
    settings.holderFloor = floor
    settings.holderCap = Amounts.sum(floor, Int64(clamping: Int128(unit) * Int128(random.int(in: 0...15))))
    settings.accountFloor = Int64(clamping: Int128(unit) * Int128(random.int(in: 0...10)))
    settings.accountCap = Amounts.sum(
      settings.accountFloor ?? 0, Int64(clamping: Int128(unit) * Int128(random.int(in: 0...60))))
    settings.maxDailySpend = Int64(
      clamping: Int128(settings.accountCap ?? 0) * Int128(random.int(in: 100...250)) / 100)
    settings.cooldownMinutes = random.int(in: 15...400)
    settings.learningCooldownMinutes = settings.cooldownMinutes + random.int(in: 0...2_000)
    settings.quietFrom = random.int(in: 0...23)
    settings.quietUntil = random.int(in: 0...23)
    if random.int(in: 0...3) == 0 { settings.changeHours = WeekHours("mon-fri 7-12 13-22, sun 0-24") ?? .always }
    settings.maxAdsPaused = Share(millionths: Int64(random.int(in: 10_000...1_000_000)))
    settings.maxDeliveryPaused = Share(millionths: Int64(random.int(in: 10_000...1_000_000)))
    settings.proposalHours = random.int(in: 1...168)
    return settings
  }

  func moment(at now: Instant) -> AccountMoment {
    let local = now.adding(seconds: dayOffset)
    let start = Instant(startOf: local.utcDay).adding(seconds: -dayOffset)
    return AccountMoment(
      now: now, dayStart: start, dayEnd: start.adding(seconds: 86_400),
      // 1970-01-01 was a Thursday.
      weekday: (local.utcDay.daysSinceEpoch + 3) % 7,
      hour: Int((local.seconds - Instant(startOf: local.utcDay).seconds) / 3_600))
  }
}

/// Sums that cannot overflow, apart from those of the code that is on trial.
enum Amounts {
  static func sum(_ amounts: Int64...) -> Int64 {
    Int64(clamping: amounts.reduce(into: Int128(0)) { $0 += Int128($1) })
  }
}

extension RandomStream {
  /// A number of `range`.
  mutating func int(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
}
