import Values

/// A stage of the sales pipeline and what a deal in it is worth.
public struct DealStage: Hashable, Sendable {
  /// The stage's name in this system, such as `appointment_scheduled`.
  public let name: String
  /// The expected revenue of a deal in this stage, zero or more.
  public let value: Money
  /// How reliable that value is, in 0...1.
  public let confidence: Double
  public let kind: Kind

  /// Whether a deal in the stage is open or closed.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case open
    /// Closed with a sale: the deal's own amount counts, where known, and it is cash revenue.
    case won
    /// Closed without a sale.
    case lost
  }

  /// A stage whose fields ``StageValues`` has checked or will check.
  public init(name: String, value: Money, confidence: Double, kind: Kind) {
    self.name = name
    self.value = value
    self.confidence = confidence
    self.kind = kind
  }
}

/// The stages of an account's pipeline in order, and what a move between them is worth.
///
/// A stage's value is the expected revenue from there on, so a move is worth the difference. The values of a deal's
/// moves therefore sum to the value of its current stage, whatever path it took.
public struct StageValues: Hashable, Sendable {
  /// How many stages a pipeline may have.
  public static let stageCount = 1...64

  /// The stages, in their order.
  public let stages: [DealStage]
  /// The key by which each stage's name is found, in the same order.
  private let keys: [String]

  /// Throws a ``StageValuesError`` unless there are 1 to 64 stages with distinct names, values of 0 or more and
  /// confidences in 0...1.
  public init(_ stages: [DealStage]) throws(StageValuesError) {
    guard Self.stageCount.contains(stages.count) else {
      throw StageValuesError(stage: "", field: "stages", value: String(stages.count), rule: "must be 1 to 64 stages")
    }
    let keys = stages.map { Self.key($0.name) }
    var met = Set<String>()
    for (stage, key) in zip(stages, keys) {
      guard (1...64).contains(stage.name.utf8.count), !key.isEmpty else {
        throw StageValuesError(
          stage: stage.name, field: "name", value: stage.name, rule: "must have 1 to 64 bytes and a letter or digit")
      }
      guard met.insert(key).inserted else {
        throw StageValuesError(
          stage: stage.name, field: "name", value: stage.name, rule: "must differ from every other stage's name")
      }
      guard stage.value >= .zero else {
        throw StageValuesError(
          stage: stage.name, field: "value", value: "\(stage.value)", rule: "must be 0 or more")
      }
      guard stage.confidence.isFinite, (0...1).contains(stage.confidence) else {
        throw StageValuesError(
          stage: stage.name, field: "confidence", value: "\(stage.confidence)", rule: "must be 0 to 1")
      }
    }
    self.stages = stages
    self.keys = keys
  }

  /// The reference stages for an average order value of 15,000.
  public static let reference = StageValues(unchecked: [
    DealStage(name: "lead", value: .zero, confidence: 0.10, kind: .open),
    DealStage(
      name: "appointment_scheduled", value: Money(micros: 2_250_000_000), confidence: 0.60, kind: .open),
    DealStage(name: "show_up", value: Money(micros: 9_000_000_000), confidence: 0.85, kind: .open),
    DealStage(name: "closed_won", value: Money(micros: 15_000_000_000), confidence: 1, kind: .won),
    DealStage(name: "closed_lost", value: .zero, confidence: 1, kind: .lost),
  ])

  private init(unchecked stages: [DealStage]) {
    self.stages = stages
    keys = stages.map { Self.key($0.name) }
  }

  /// Finds a stage by its name; only letters, digits and their order count, so `Closed Won`, `closedwon` and
  /// `closed_won` are the same.
  public func stage(named name: String) -> DealStage? {
    if let stage = stages.first(where: { $0.name == name }) { return stage }
    let key = Self.key(name)
    return keys.firstIndex(of: key).map { stages[$0] }
  }

  private static func key(_ name: String) -> String {
    name.lowercased().filter { $0.isLetter || $0.isNumber }
  }
}

/// An invalid pipeline stage.
public struct StageValuesError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The stage, or nothing where the whole list is meant.
  public let stage: String
  public let field: String
  /// The value as it was given.
  public let value: String
  /// What it must be.
  public let rule: String

  /// Names the stage, the field, the value and the rule.
  public var description: String { "stage \(stage): \(field) is \(value), \(rule)" }
}
