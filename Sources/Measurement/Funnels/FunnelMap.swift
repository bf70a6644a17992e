import DecisionEngine
import Values

/// An account's stages as a funnel: the open ones in order, followed by the sale.
struct FunnelMap: Sendable {
  let funnel: SalesFunnel
  private let moves: [String: DealEvent.Move]

  /// Nil where the account has no won stage, or no open one: then there is no funnel.
  init?(_ stages: StageValues) {
    let open = stages.stages.filter { $0.kind == .open }
    guard let won = stages.stages.first(where: { $0.kind == .won }),
      let funnel = SalesFunnel(
        (open + [won]).map { SalesFunnel.Stage(name: $0.name, value: $0.value.majorUnits) })
    else { return nil }
    self.funnel = funnel
    moves = stages.stages.reduce(into: [:]) { moves, stage in
      switch stage.kind {
      case .open: moves[stage.name] = funnel.position(of: stage.name).map(DealEvent.Move.entered)
      case .won: moves[stage.name] = .entered(funnel.stepCount)
      case .lost: moves[stage.name] = .lost
      }
    }
  }

  /// The move into the stage with this name; nil for a stage that the account does not have.
  func move(into stage: String) -> DealEvent.Move? { moves[stage] }

  /// The path of a deal with `moves`, in any order; for no deal it is empty.
  func path(of deal: Deal?, _ moves: some Sequence<DealUpdate.Move>) -> DealPath {
    var path = DealPath()
    guard let deal else { return path }
    for known in moves {
      guard let move = move(into: known.stage) else { continue }
      path.take(
        DealEvent(
          dealID: deal.id, adID: deal.adID, move: move, occurredAt: known.occurredAt, amount: deal.amount?.majorUnits))
    }
    return path
  }

  /// Identifies what the stored counts depend on: names, order and kinds of the stages, but not their values.
  var signature: String {
    let others = moves.filter { !funnel.stages.map(\.name).contains($0.key) }.keys.sorted()
    return (funnel.stages.map(\.name) + others.map { "\($0)=\(moves[$0] == .lost ? "lost" : "won")" })
      .joined(separator: "\n")
  }
}
