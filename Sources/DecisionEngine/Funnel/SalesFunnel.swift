/// The stages that a deal passes on its way to a sale, in order, and the value that the account gives each.
public struct SalesFunnel: Hashable, Sendable {
  /// How many stages a funnel may have.
  public static let stageCount = 2...16

  public struct Stage: Hashable, Sendable {
    /// The stage's name.
    public let name: String
    /// The revenue that the account expects from a deal in this stage, in major units, zero or more.
    public let value: Double

    /// Takes a name and a value.
    public init(name: String, value: Double) {
      self.name = name
      self.value = value
    }
  }

  /// The stages: the first is a new lead, the last a sale.
  public let stages: [Stage]

  /// Returns nil unless there are 2 to 16 stages with distinct names and finite values of 0 or more.
  public init?(_ stages: [Stage]) {
    guard Self.stageCount.contains(stages.count), Set(stages.map(\.name)).count == stages.count,
      stages.allSatisfy({ $0.value.isFinite && $0.value >= 0 && !$0.name.isEmpty })
    else { return nil }
    self.stages = stages
  }

  /// How many steps lead from the first stage to the last.
  public var stepCount: Int { stages.count - 1 }

  /// The index of the stage with this name; nil where it is not in the funnel.
  public func position(of name: String) -> Int? {
    stages.firstIndex { $0.name == name }
  }
}
