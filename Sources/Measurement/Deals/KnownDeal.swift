import DecisionEngine
import Values

/// Everything stored about a deal, read with one statement: its next state is computed from this without reading again.
package struct KnownDeal: Sendable {
  /// The CRM's id of the deal.
  package let id: String
  /// The deal's state; nil for an unknown deal.
  package let deal: Deal?
  /// Its moves, in order of time.
  package let moves: [DealUpdate.Move]
  /// The ad it is credited to, with the evidence; nil where none has been looked for.
  let credit: AttributionRepository.Stored?
  /// The stages for which the account's funnel is counted; nil where nothing is counted.
  let countedStages: String?

  /// Whether the deal entered its stage after `now`, which happens only with a CRM's plans or a clock that was set
  /// back.
  func isAhead(of now: Instant) -> Bool {
    deal.map { $0.stageEnteredAt > now } ?? false
  }

  /// The deal after applying `update`, and all of its moves then.
  ///
  /// The deal is in the stage of its latest move, whatever order the moves come in; of two at the same moment, the one
  /// into the later of `stages` counts. Where the update states the deal's current stage, it is in that. No move is
  /// later than the current moment: one that the CRM has in the future is moved to now.
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

  /// Since when a deal is assumed to be in its current stage: since its close date, where that is in the past and new;
  /// for a new deal without one since its creation; otherwise since now, which is after everything known about it.
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
  /// The index of the stage with exactly this name in the pipeline; -1 where it is not there.
  func position(of name: String) -> Int {
    stages.firstIndex { $0.name == name } ?? -1
  }
}
