import Values

/// What a deal's move from one stage to another is worth today.
public struct SyntheticRevenue: Hashable, Sendable {
  /// The stage the deal left; nil for a new deal.
  public let from: DealStage?
  /// The stage the deal entered.
  public let to: DealStage
  /// Value of the deal before the move.
  public let valueBefore: Money
  /// Value of the deal after the move.
  public let valueAfter: Money

  /// Values a move. `amount` is the deal's own amount, where known: it counts in a won stage.
  public init(from: DealStage?, to: DealStage, amount: Money?) {
    self.from = from
    self.to = to
    valueBefore = from.map { Self.value(of: $0, amount: amount) } ?? .zero
    valueAfter = Self.value(of: to, amount: amount)
  }

  /// The worth of the move: the value after it minus the value before.
  public var value: Money { Money(micros: valueAfter.micros - valueBefore.micros) }

  /// How reliable the value is, in 0...1: the confidence of the stage entered.
  public var confidence: Double { to.confidence }

  /// What a deal in `stage` is worth: its own amount once won, where known, otherwise the stage's value.
  public static func value(of stage: DealStage, amount: Money?) -> Money {
    stage.kind == .won ? amount ?? stage.value : stage.value
  }

  /// The won revenue of a deal in `stage`: zero unless it is won.
  public static func cash(of stage: DealStage, amount: Money?) -> Money {
    stage.kind == .won ? value(of: stage, amount: amount) : .zero
  }
}
