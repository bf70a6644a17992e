import DecisionEngine
import Execution
import Values

/// What happened in a random history: decisions, approvals late and out of order, edits by people, rollbacks.
package struct RandomHistory {
  /// When every history begins: 2026-05-28T20:26:40Z.
  static let start = Instant(seconds: 1_780_000_000)

  private var world: RandomAccount
  private var now = Self.start
  private var ledger = WriteLedger()
  private var referee: LimitReferee
  private var waiting: [Waiting] = []
  private var applied: [Waiting] = []

  /// A change that may be applied, until it expires.
  private struct Waiting {
    let object: ObjectID
    var action: ChangeAction
    var origin: ChangeOrigin
    var totalLimit: Int64?
    let expiresAt: Instant
  }

  /// How many changes were applied.
  package private(set) var writes = 0
  /// How many were held back when they were to be applied.
  package private(set) var heldBack = 0
  /// How many were proposed.
  package private(set) var proposals = 0
  /// The rules that were broken, in words.
  package var violations: [String] { referee.violations }

  private init(seed: UInt64) {
    world = RandomAccount(seed: seed)
    referee = LimitReferee(settings: world.settings)
  }

  /// Plays the history of `seed` with so many steps.
  package static func play(seed: UInt64, steps: Int = 12) -> RandomHistory {
    var history = RandomHistory(seed: seed)
    for _ in 0..<steps { history.step() }
    return history
  }

  private mutating func step() {
    now = now.adding(seconds: Int64(world.random.int(in: 1...6) * world.random.int(in: 60...14_400)))
    switch world.random.int(in: 0...9) {
    case 0, 1: editByHand()
    case 2...5: decide()
    case 6: takeBack()
    default: break
    }
    applySome()
  }

  private var checker: LimitChecker {
    LimitChecker(
      settings: world.settings, currency: .usd, account: world.account, ledger: ledger,
      moment: world.moment(at: now), platformMinimum: world.platformMinimum)
  }

  private mutating func editByHand() {
    guard var object = world.account.objects.values.sorted(by: { $0.id < $1.id }).randomElement(using: &world.random)
    else { return }
    if case .daily(let amount) = object.budget, world.random.int(in: 0...1) == 0 {
      object.budget = .daily(Int64(clamping: Int128(amount) * Int128(world.random.int(in: 1...400)) / 100))
    } else {
      object.state = object.state == .active ? .paused : .active
    }
    object.editedAt = now
    object.lastSignificantEdit = world.random.int(in: 0...1) == 0 ? now : object.lastSignificantEdit
    world.account.update(object)
  }

  private mutating func decide() {
    let moment = world.moment(at: now)
    let current = world.account.total(from: moment.dayStart, to: moment.dayEnd)
    let total = Int64(clamping: current * Int128(world.random.int(in: 50...150)) / 100)
    var left = total
    var ads: [DecidedAd] = []
    for ad in world.account.objects.values.filter({ $0.level == .ad }).map(\.id).sorted() {
      let part = left / Int64(world.random.int(in: 1...4))
      left -= part
      let isStopped = world.random.int(in: 0...4) == 0
      ads.append(DecidedAd(id: ad, budget: part, stop: isStopped ? "judged kill" : nil, outlook: outlook()))
    }
    let wanted =
      SameDayStop.wanted(in: world.account, world.settings, .usd)
      + ads.filter { _ in world.random.int(in: 0...9) == 0 }.map {
        WantedChange(.reduce(by: Share(millionths: 200_000)), $0.id, origin: .fatigue, reason: "wears out")
      }
    let request = PlanRequest(
      split: DecidedSplit(total: total, ads: ads), wanted: wanted,
      open: Set(waiting.map { ChangeTarget($0.object, $0.action.kind) }))
    let plan = ChangePlanner.plan(request, checker)
    referee.judge(plan, of: request, world.account, moment)
    proposals += plan.changes.count
    waiting += plan.changes.map {
      Waiting(
        object: $0.object, action: $0.action, origin: $0.origin, totalLimit: $0.totalLimit, expiresAt: $0.expiresAt)
    }
  }

  /// What an ad returns, where its policy says so.
  private mutating func outlook() -> AdReturn? {
    guard world.random.int(in: 0...2) > 0 else { return nil }
    let marginal = Double(world.random.int(in: 0...400)) / 100
    let average = marginal * Double(world.random.int(in: 100...200)) / 100
    return AdReturn(
      marginal: marginal, marginalLow: marginal / 2, marginalHigh: marginal * 2, average: average,
      averageHigh: average * Double(world.random.int(in: 100...300)) / 100)
  }

  /// A person wants a change taken back.
  private mutating func takeBack() {
    guard var change = applied.randomElement(using: &world.random) else { return }
    (change.action, change.origin, change.totalLimit) = (change.action.inverse, .rollback, nil)
    waiting.append(change)
  }

  /// Applies a random part of what waits, in the planner's order or in any.
  private mutating func applySome() {
    if world.random.int(in: 0...1) == 0 { waiting.shuffle(using: &world.random) }
    var left: [Waiting] = []
    for change in waiting where change.expiresAt > now {
      guard world.random.int(in: 0...3) > 0 else {
        left.append(change)
        continue
      }
      apply(change)
      now = now.adding(seconds: Int64(world.random.int(in: 0...30)))
    }
    waiting = left
  }

  private mutating func apply(_ change: Waiting) {
    let moment = world.moment(at: now)
    let permit = ExecutionPermit(stopForAll: nil, stop: nil, settings: world.settings, moment: moment)
    let checker = self.checker
    guard permit.check(.system, origin: change.origin) == .allowed,
      checker.check(change.action, on: change.object, origin: change.origin, totalLimit: change.totalLimit) == .allowed
    else {
      heldBack += 1
      return
    }
    referee.judge(
      change.action, on: change.object, origin: change.origin, totalLimit: change.totalLimit, world.account, moment,
      platformMinimum: world.platformMinimum)
    ledger.add(checker.write(change.action, on: change.object, at: now))
    world.account.apply(change.action, to: change.object, at: now)
    writes += 1
    if change.origin != .rollback { applied.append(change) }
  }
}
