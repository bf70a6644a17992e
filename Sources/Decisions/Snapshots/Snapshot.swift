import DecisionEngine
import Formats
import Measurement
import Storage
import Values

/// The inputs of a decision that come from the account's stored figures rather than from the call: the same for every
/// decision between two changes of the figures.
struct Snapshot: Equatable, Sendable {
  /// The funnel by which deals are counted; nil where the decision uses only totals.
  var funnel: Funnel?
  /// What is known of each ad, by ad id; under ``nobody``, the deals without a known ad.
  var ads: [String: Ad] = [:]

  /// No ad has an empty id.
  static let nobody = ""

  static let mostAds = 200_000

  /// A funnel, and how long deals stayed in its stages.
  struct Funnel: Equatable, Sendable {
    var stages: SalesFunnel
    var advances: [LogTally]
    var losses: [LogTally]
  }

  /// What is known of one ad.
  struct Ad: Equatable, Sendable {
    /// Its totals, where it runs.
    var totals: Totals?
    /// Why it does not run, as JSON; nil where it runs.
    var delivery: String?
    /// Its days and deals; nil where none are known.
    var history: History?
  }

  /// An ad's totals.
  struct Totals: Equatable, Sendable {
    var impressions: Int
    var clicks: Int
    var spend: Double
    var pipelineValue: Double
    var cashRevenue: Double
    var age: Age
    var statedDailyBudget: Double?
  }

  /// How old an ad is. Unlike its age, its first moment does not change with the moment of the decision.
  enum Age: Equatable, Sendable {
    case since(Instant)
    case hours(Double)

    /// Stores the first moment, where that reproduces the hours to the bit.
    init(hours: Double, at now: Instant) {
      let microseconds = Int64(clamping: (hours * 3_600_000_000).rounded())
      let (first, overflow) = now.microseconds.subtractingReportingOverflow(microseconds)
      let start = Instant(microseconds: first)
      let isExact = hours > 0 && !overflow && now.hours(since: start).bitPattern == hours.bitPattern
      self = isExact ? .since(start) : .hours(hours)
    }

    /// The hours at `now`; nil where they cannot be computed.
    func hours(at now: Instant) -> Double? {
      switch self {
      case .since(let start):
        let (_, overflow) = now.microseconds.subtractingReportingOverflow(start.microseconds)
        return overflow ? nil : now.hours(since: start)
      case .hours(let hours): return hours
      }
    }
  }

  /// An ad's days of figures and the counts of its deals; see ``AdTally``.
  struct History: Equatable, Sendable {
    var days: [AdTally.Day] = []
    var steps: [[StageTally.Cohort]]
    var amounts = LogTally()

    init(stepCount: Int) {
      steps = Array(repeating: [], count: stepCount)
    }

    init(_ tally: AdTally) {
      days = tally.days
      steps = tally.steps.map(\.cohorts)
      amounts = tally.amounts
    }

    var tally: AdTally {
      AdTally(days: days, steps: steps.map { StageTally(cohorts: $0) }, amounts: amounts)
    }
  }
}

extension Snapshot {
  /// Takes the part of `inputs` that comes from stored figures; the ads are in the order of their ids' bytes, as in
  /// databases.
  init(_ inputs: SelectionInputs) {
    ads.reserveCapacity(max(inputs.ads.count, inputs.history?.ads.count ?? 0) + 1)
    if let history = inputs.history {
      funnel = Funnel(stages: history.funnel, advances: history.advances, losses: history.losses)
      for (adID, tally) in history.ads { ads[adID.value, default: Ad()].history = History(tally) }
      ads[Self.nobody] = Ad(history: History(history.unattributed))
    }
    for ad in inputs.ads {
      ads[ad.adID.value, default: Ad()].totals = Totals(
        impressions: ad.impressions, clicks: ad.clicks, spend: ad.spend, pipelineValue: ad.pipelineValue,
        cashRevenue: ad.cashRevenue, age: Age(hours: ad.ageHours, at: inputs.now),
        statedDailyBudget: ad.statedDailyBudget)
    }
    for ad in inputs.basis?.leftOut ?? [] {
      var json = JSONWriter()
      json.object { AdDeliveryCoding.write(ad.delivery, to: &$0) }
      ads[ad.adID.value, default: Ad()].delivery = json.string
    }
  }

  /// Completes `inputs`, which contain the rest, with the stored figures. Throws where a figure is impossible.
  func fill(_ inputs: inout SelectionInputs, of account: AccountID) throws {
    var history = funnel.map { FunnelTallies(funnel: $0.stages) }
    if let funnel {
      history?.advances = funnel.advances
      history?.losses = funnel.losses
    }
    var leftOut: [LeftOutAd] = []
    for (name, ad) in ads.sorted(by: { ($0.key.utf8).lexicographicallyPrecedes($1.key.utf8) }) {
      guard name != Self.nobody else {
        if let tally = ad.history?.tally { history?.unattributed = tally }
        continue
      }
      guard let adID = AdID(stored: name) else { throw SnapshotProblem.damaged("there is no ad \(name)") }
      if let tally = ad.history?.tally { history?.ads[adID] = tally }
      if let totals = ad.totals { inputs.ads.append(try totals.state(of: adID, account: account, at: inputs.now)) }
      if let delivery = ad.delivery {
        let json = try JSONReader.read(delivery) { try $0.readValue() }
        leftOut.append(LeftOutAd(adID: adID, delivery: try AdDeliveryCoding.read(json, of: adID)))
      }
    }
    inputs.history = history
    inputs.basis = inputs.basis?.leavingOut(leftOut)
  }
}

extension Snapshot.Totals {
  fileprivate func state(of adID: AdID, account: AccountID, at now: Instant) throws -> AdState {
    guard let hours = age.hours(at: now) else { throw SnapshotProblem.damaged("ad \(adID) has no age") }
    return try AdState(
      accountID: account, adID: adID, impressions: impressions, clicks: clicks, spend: spend,
      pipelineValue: pipelineValue, cashRevenue: cashRevenue, ageHours: hours, statedDailyBudget: statedDailyBudget)
  }
}

extension DecisionBasis {
  fileprivate func leavingOut(_ ads: [LeftOutAd]) -> DecisionBasis {
    DecisionBasis(
      figuresAsOf: figuresAsOf, figuresAgeDays: figuresAgeDays, dealsAsOf: dealsAsOf, warning: warning, leftOut: ads)
  }
}

/// Why a stored snapshot cannot be read, or figures cannot be stored as one.
enum SnapshotProblem: Error, Equatable, CustomStringConvertible {
  /// It does not hold what this release expects.
  case damaged(String)
  /// It contains more than a snapshot may hold.
  case tooLarge(String)

  var description: String {
    switch self {
    case .damaged(let problem): "the snapshot is damaged: \(problem)"
    case .tooLarge(let problem): "the snapshot is too large: \(problem)"
    }
  }
}
