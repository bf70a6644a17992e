import DecisionEngine
import Values

/// What a file says of a deal: an update, or that it is gone.
enum DealRow {
  case update(DealUpdate)
  case deleted(dealID: String)
}

/// Turns the figures of a CRM's deal into an update of this system.
struct DealReader: Sendable {
  let configuration: AccountConfiguration
  let dates: DateReader
  /// The account's stage for a stage name of the file.
  let stages: [String: String]

  /// The account's stage for a CRM's name of it; the rule it breaks where there is none.
  func stage(_ name: String) -> Result<DealStage, RuleBreak> {
    if let stage = configuration.stages.stage(named: stages[name] ?? name) { return .success(stage) }
    let names = configuration.stages.stages.map(\.name).joined(separator: ", ")
    return .failure(
      RuleBreak("must be one of the account's stages (\(names)); say --stage '\(name)=STAGE' or add the stage"))
  }

  /// What a deal's currency must be.
  func currencyProblem(_ code: String) -> RuleBreak? {
    code.uppercased() == configuration.currency.code
      ? nil : RuleBreak("must be the account's currency, \(configuration.currency)")
  }

  /// When a deal without a history entered its stage: the CRM's word for it, else the close of a closed one.
  func entered(_ stage: DealStage, stated: Instant?, closed: Instant?) -> Instant? {
    stated ?? (stage.kind == .open ? nil : closed)
  }
}

/// A rule that a value breaks.
struct RuleBreak: Error {
  let rule: String

  init(_ rule: String) {
    self.rule = rule
  }
}
