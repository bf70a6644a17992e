import Execution
import Testing
import Values

/// A small account: a campaign whose two ad sets have daily budgets of 100.00 and 50.00, two ads in the first and one
/// in the second; another campaign with a budget of its own, 80.00, and one ad. It is 10:00 on a Thursday.
struct Sample {
  static let now = Instant(seconds: 1_780_000_000 - 1_780_000_000 % 86_400 + 36_000)

  var objects: [LiveObject]
  var paces: [ObjectID: AdPace] = [:]
  var settings = ExecutionSettings()
  var ledger = WriteLedger()
  var moment = Self.moment(hour: 10)
  var platformMinimum: Int64 = 100

  init() throws {
    objects = [
      try Self.object("c1", .campaign, in: nil), try Self.object("s1", .adSet, in: "c1", daily: 10_000),
      try Self.object("a1", .ad, in: "s1"), try Self.object("a2", .ad, in: "s1"),
      try Self.object("s2", .adSet, in: "c1", daily: 5_000), try Self.object("a3", .ad, in: "s2"),
      try Self.object("c2", .campaign, in: nil, daily: 8_000), try Self.object("s3", .adSet, in: "c2"),
      try Self.object("a4", .ad, in: "s3"),
    ]
    settings.mode = .automatic
    settings.holderFloor = 1_000
    settings.holderCap = 50_000
    settings.accountFloor = 2_000
    settings.accountCap = 100_000
    settings.maxDailySpend = 175_000
    settings.maxAdsPaused = Share(rounding: 0.5)
    settings.maxDeliveryPaused = Share(rounding: 0.5)
  }

  static func id(_ text: String) throws -> ObjectID { try #require(ObjectID(text)) }

  static func object(
    _ id: String, _ level: ObjectLevel, in parent: String?, daily: Int64? = nil
  ) throws -> LiveObject {
    LiveObject(
      id: try Self.id(id), level: level, parentID: try parent.map(Self.id), state: .active,
      budget: daily.map { .daily($0) } ?? .elsewhere)
  }

  /// The moment at that hour (0 to 23) of a Thursday in UTC.
  static func moment(hour: Int) -> AccountMoment {
    let start = Instant(startOf: now.utcDay)
    return AccountMoment(
      now: start.adding(seconds: Int64(hour) * 3_600), dayStart: start, dayEnd: start.adding(seconds: 86_400),
      weekday: 3, hour: hour)
  }

  /// Changes an object.
  mutating func change(_ id: String, _ body: (inout LiveObject) -> Void) throws {
    let index = try #require(objects.firstIndex { $0.id.value == id })
    body(&objects[index])
  }

  var checker: LimitChecker {
    LimitChecker(
      settings: settings, currency: .usd, account: LiveAccount(objects, paces: paces), ledger: ledger, moment: moment,
      platformMinimum: platformMinimum)
  }

  /// The plan for a decision of `budgets` by ad in minor units; ads in `stopped` are to be stopped.
  func plan(
    _ budgets: KeyValuePairs<String, Int64>, total: Int64? = nil, stopped: Set<String> = [],
    wanted: [WantedChange] = [], open: Set<ChangeTarget> = [], outlook: AdReturn? = nil
  ) throws -> ChangePlan {
    let ads = try budgets.map { id, budget in
      DecidedAd(
        id: try Self.id(id), budget: budget, stop: stopped.contains(id) ? "judged kill" : nil, outlook: outlook)
    }
    let total = total ?? budgets.reduce(0) { $0 + $1.value }
    return ChangePlanner.plan(
      PlanRequest(split: ads.isEmpty ? nil : DecidedSplit(total: total, ads: ads), wanted: wanted, open: open), checker)
  }

  func check(
    _ action: ChangeAction, on id: String, origin: ChangeOrigin = .decision, totalLimit: Int64? = nil
  ) throws -> LimitVerdict {
    checker.check(action, on: try Self.id(id), origin: origin, totalLimit: totalLimit)
  }

  /// A budget's edit by this system so many seconds ago.
  mutating func edited(_ id: String, from: Int64, to: Int64, secondsAgo: Int64) throws {
    ledger.add(
      PastWrite(
        object: try Self.id(id), action: .setBudget(from: from, to: to), at: moment.now.adding(seconds: -secondsAgo)))
  }
}

extension ChangePlan {
  /// The changes in short: `s1 10000>12000`, `a1 pause`.
  var short: [String] {
    changes.map { change in
      switch change.action {
      case .pause: "\(change.object) pause"
      case .activate: "\(change.object) activate"
      case .setBudget(let from, let to): "\(change.object) \(from)>\(to)"
      }
    }
  }

  /// The refusals in short: `a1 unknown_object`.
  var refused: [String] { refusals.map { "\($0.object) \($0.code.name)" } }
}
