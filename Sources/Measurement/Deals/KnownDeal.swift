import DecisionEngine
import Values

/// What is stored of a deal, as one statement reads it: what it becomes is computed from here, and not read again.
package struct KnownDeal: Sendable {
  /// The CRM's id of the deal.
  package let id: String
  /// The deal as it stands; nil for one that is not known.
  package let deal: Deal?
  /// Its moves, in time.
  package let moves: [DealUpdate.Move]
  /// The ad it is credited to, and by what evidence; nil where nobody has looked for one.
  let credit: AttributionRepository.Stored?
  /// Which stages the counts of the account's funnel are of; nil where nothing is counted.
  let countedStages: String?

  /// Whether the deal entered its stage after `now`, as only a CRM's plan or a clock that was set back has it.
  func isAhead(of now: Instant) -> Bool {
    deal.map { $0.stageEnteredAt > now } ?? false
  }

  /// The deal once `update` is taken in, and all of the moves that it has made then.
  ///
  /// The deal stands in the stage of its latest move, whatever order the moves come in; of two at one moment, the one
  /// into the later of `stages` counts. Where the update says what the deal's present stage is, it stands there. No move
  /// is later than the present moment: one that the CRM has for later is told now.
  func taking(
    _ update: DealUpdate, _ stages: StageValues, at now: Instant
  ) -> (deal: Deal, moves: Set<DealUpdate.Move>) {
    let unknown = Deal(
      id: id, adID: nil, stage: "", amount: nil, stageEnteredAt: Instant(microseconds: .min), source: update.source)
    var after = update.isComplete ? unknown : deal ?? unknown
    after.adID = update.adID ?? after.adID
    after.amount = update.amount ?? after.amount
    after.stageEnteredAt = min(after.stageEnteredAt, now)
    var moves = Set<DealUpdate.Move>()
    if !update.isComplete {
      moves = Set(self.moves)
      if isAhead(of: now) {
        moves = Set(moves.map { DealUpdate.Move(stage: $0.stage, occurredAt: min($0.occurredAt, now)) })
      }
    }
    var present = update.present
    for move in update.moves {
      if move.occurredAt > now, !update.isComplete {
        present = present ?? DealUpdate.Present(stage: move.stage, closedAt: move.occurredAt)
        continue
      }
      moves.insert(move)
      let isLater =
        (move.occurredAt, stages.position(of: move.stage)) >= (after.stageEnteredAt, stages.position(of: after.stage))
      if isLater { (after.stage, after.stageEnteredAt) = (move.stage, move.occurredAt) }
    }
    if let present, present.stage != after.stage {
      after.stageEnteredAt = Self.moment(of: present, after: after, createdAt: update.createdAt, now: now)
      after.stage = present.stage
      moves.insert(DealUpdate.Move(stage: after.stage, occurredAt: after.stageEnteredAt))
    }
    return (after, moves)
  }

  /// Since when a deal is taken to stand in its present stage: since its close, where that has been and is news; for a new
  /// deal without a close since its creation; else since now, which is after everything that is known of it.
  private static func moment(
    of present: DealUpdate.Present, after deal: Deal, createdAt: Instant?, now: Instant
  ) -> Instant {
    if let closedAt = present.closedAt, closedAt <= now, closedAt > deal.stageEnteredAt { return closedAt }
    if deal.stage.isEmpty, present.closedAt == nil, let createdAt, createdAt <= now { return createdAt }
    guard !deal.stage.isEmpty, deal.stageEnteredAt >= now else { return now }
    return Instant(microseconds: deal.stageEnteredAt.microseconds + 1)
  }
}

extension StageValues {
  /// Where the stage of exactly this name stands in the pipeline; -1 for one that is not in it.
  func position(of name: String) -> Int {
    stages.firstIndex { $0.name == name } ?? -1
  }
}
