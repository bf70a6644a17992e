import Values

/// One deal's path through the funnel, whatever order its events arrived in.
public struct DealPath: Hashable, Sendable {
  /// The ad that brought the deal, from the latest event that named one.
  public var adID: AdID? { namedAd?.value }
  /// The deal's own amount in major units, from the latest event that named one.
  public var amount: Double? { namedAmount?.value }

  private var namedAd: Named<AdID>?
  private var namedAmount: Named<Double>?

  private struct Named<Value: Hashable & Comparable & Sendable>: Hashable {
    let at: Instant
    let value: Value

    /// The value that was stated later; of two stated at the same moment the larger, so that their order does not
    /// matter.
    static func later(_ old: Named?, _ value: Value?, at: Instant) -> Named? {
      guard let value else { return old }
      guard let old, (old.at, old.value) > (at, value) else { return Named(at: at, value: value) }
      return old
    }
  }

  private var moves: [Moment] = []

  private struct Moment: Hashable {
    let at: Instant
    let move: DealEvent.Move

    /// Of two moves at the same moment, the one into the later stage comes last, and a loss comes after all of them.
    func isBefore(_ other: Moment) -> Bool { (at, rank) < (other.at, other.rank) }

    private var rank: Int {
      switch move {
      case .entered(let position): position
      case .lost: .max
      }
    }
  }

  public init() {}

  /// A step of the path: from a stage to the next.
  struct Step {
    let position: Int
    let enteredAt: Instant
    let outcome: Outcome

    /// Days in the stage. A stay shorter than a quarter of an hour is counted as a quarter of an hour, because it says
    /// no more.
    func stay(until end: Instant) -> Double { max(end.days(since: enteredAt), 0.25 / 24) }

    enum Outcome {
      case waiting
      /// It went on; the moment is nil where the stage was skipped, which says nothing about how long deals stay in it.
      case advanced(Instant?)
      /// It ended here.
      case lost(Instant)
    }
  }

  /// Applies an event; a repeated one changes nothing.
  public mutating func take(_ event: DealEvent) {
    namedAd = .later(namedAd, event.adID, at: event.occurredAt)
    namedAmount = .later(namedAmount, event.amount, at: event.occurredAt)
    guard !moves.contains(where: { $0.at == event.occurredAt && $0.move == event.move }) else { return }
    let moment = Moment(at: event.occurredAt, move: event.move)
    moves.insert(moment, at: moves.firstIndex { moment.isBefore($0) } ?? moves.count)
  }

  /// Whether the deal is in the funnel's last stage.
  func isWon(stepCount: Int) -> Bool {
    furthest == stepCount && !isLost
  }

  /// The steps completed or waited at, in order. A deal that went back counts at the furthest stage it reached.
  func forEachStep(stepCount: Int, _ body: (Step) -> Void) {
    guard let furthest else { return }
    var reachedAt = [Instant?](repeating: nil, count: stepCount + 1)
    for moment in moves {
      if case .entered(let position) = moment.move, reachedAt[position] == nil { reachedAt[position] = moment.at }
    }
    var later: Instant?
    var entries = [Instant](repeating: Instant(microseconds: 0), count: furthest + 1)
    for position in stride(from: furthest, through: 0, by: -1) {
      let at = reachedAt[position].map { moment in later.map { min($0, moment) } ?? moment } ?? later
      guard let at else { continue }
      entries[position] = at
      later = at
    }
    for position in 0..<min(furthest, stepCount) {
      let isKnown = reachedAt[position] != nil && reachedAt[position + 1] != nil
      body(
        Step(
          position: position, enteredAt: entries[position],
          outcome: .advanced(isKnown ? entries[position + 1] : nil)))
    }
    guard furthest < stepCount else { return }
    let end = isLost ? moves.last.map { Step.Outcome.lost(max($0.at, entries[furthest])) } : nil
    body(Step(position: furthest, enteredAt: entries[furthest], outcome: end ?? .waiting))
  }

  private var isLost: Bool { moves.last?.move == .lost }

  private var furthest: Int? {
    moves.reduce(nil as Int?) { best, next in
      guard case .entered(let position) = next.move else { return best }
      return max(best ?? 0, position)
    }
  }
}
