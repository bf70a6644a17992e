import Accounts
import DecisionEngine
import Values

/// Interprets a CRM's deals by the account's `crm_stages` and `currency_rates`: in the same way for events, for the
/// CRM's own history and for files.
package struct CRMReader: Sendable {
  /// The largest time difference, in seconds, at which two changed properties count as one change, such as a pipeline
  /// and its stage.
  static let sameChange: Int64 = 1

  package let configuration: AccountConfiguration
  /// Mappings of stages, the most specific first, each also with keys without case, spaces and punctuation.
  private let tables: [[String: String]]

  /// Uses `configuration`; `stages` take precedence over its `crm_stages`, and have the same keys: `pipeline/stage` or
  /// `stage`.
  package init(_ configuration: AccountConfiguration, stages: [String: String] = [:]) {
    self.configuration = configuration
    tables = [stages, configuration.crm.stages].filter { !$0.isEmpty }.flatMap { table in
      [table, Dictionary(table.map { (Self.loose($0.key), $0.value) }) { first, _ in first }]
    }
  }

  /// The account's stage for a stage of the CRM, which may be an id, a label, or a label followed by its pipeline, such
  /// as `Closed Won (Sales Pipeline)`; nil where the account has none.
  func stage(_ name: String, pipeline: String) -> DealStage? {
    let label = StageLabel(name)
    var places = pipeline.isEmpty ? [] : ["\(pipeline)/\(name)"]
    if let of = label.pipeline { places.append("\(of)/\(label.stage)") }
    if label.pipeline != nil, !pipeline.isEmpty { places.append("\(pipeline)/\(label.stage)") }
    places += label.pipeline == nil ? [name] : [name, label.stage]
    for table in tables {
      for place in places {
        if let found = table[place] ?? table[Self.loose(place)] { return configuration.stages.stage(named: found) }
      }
    }
    return configuration.stages.stage(named: name) ?? configuration.stages.stage(named: label.stage)
  }

  /// A value of a deal's property, with the moment since which it applies.
  package struct Version: Hashable {
    let value: String
    let at: Instant

    package init(value: String, at: Instant) {
      self.value = value
      self.at = at
    }
  }

  /// The moves that follow from a deal's stages and pipelines, in order of time, and its current stage where the
  /// account has no such stage: then the deal has not moved.
  ///
  /// A pipeline and a stage that are set within ``sameChange`` are one change, in either order. A pipeline that is set
  /// without a stage keeps the previous stage.
  package func moves(stages: [Version], pipelines: [Version]) -> (moves: [DealUpdate.Move], unknownPlace: String?) {
    let stages = stages.filter { !$0.value.isEmpty }.sorted { ($0.at, $0.value) < ($1.at, $1.value) }
    let pipelines = pipelines.sorted { ($0.at, $0.value) < ($1.at, $1.value) }
    let alone = pipelines.filter { pipeline in
      !stages.contains { abs($0.at.microseconds - pipeline.at.microseconds) <= Self.sameChange * 1_000_000 }
    }
    var (moves, unknownPlace, stage) = ([DealUpdate.Move](), String?.none, "")
    let changes = stages.map { (at: $0.at, stage: String?.some($0.value)) } + alone.map { (at: $0.at, stage: nil) }
    for change in changes.sorted(by: { $0.at < $1.at }) {
      stage = change.stage ?? stage
      guard !stage.isEmpty else { continue }
      let pipeline =
        (pipelines.last { $0.at <= change.at.adding(seconds: Self.sameChange) } ?? pipelines.first)?.value ?? ""
      guard let found = self.stage(stage, pipeline: pipeline) else {
        unknownPlace = pipeline.isEmpty ? stage : "\(pipeline)/\(stage)"
        continue
      }
      unknownPlace = nil
      if change.stage == nil, moves.last?.stage == found.name { continue }
      moves.append(DealUpdate.Move(stage: found.name, occurredAt: change.at))
    }
    return (moves, unknownPlace)
  }

  /// Why an amount cannot be converted into the account's currency.
  package enum AmountProblem: Error, Hashable {
    /// It is in another currency, for which there is no rate.
    case noRate(currency: String)
    /// It is too large after conversion.
    case tooLarge(currency: String)
  }

  /// An amount in the account's currency: unchanged, or converted by `currency_rates`, or as converted by the CRM into
  /// the company's currency, which is assumed to be the account's. Nil where there is none.
  package func amount(
    _ stated: Money?, currency: String?, inCompanyCurrency converted: Money? = nil
  ) -> Result<Money?, AmountProblem> {
    let currency = currency.flatMap { $0.isEmpty ? nil : $0.uppercased() }
    guard let currency, currency != configuration.currency.code, stated != nil || converted != nil else {
      return .success(stated ?? converted)
    }
    guard let stated, let rate = configuration.crm.currencyRates[currency] else {
      return converted.map { .success($0) } ?? .failure(.noRate(currency: currency))
    }
    guard let amount = Money(rounding: stated.majorUnits * rate) else { return .failure(.tooLarge(currency: currency)) }
    return .success(amount)
  }

  /// The ids in a list of merged deals such as `12;34`, with or without times after them.
  package static func mergedIDs(_ text: String, but own: String) -> [String] {
    text.split { ";,\n ".contains($0) }
      .map { String($0.prefix { $0 != ":" }) }
      .filter { !$0.isEmpty && $0 != own }
  }

  /// The same for names that differ only in case, spaces and punctuation.
  static func loose(_ name: String) -> String {
    name.lowercased().filter { $0.isLetter || $0.isNumber || $0 == "/" }
  }
}

/// A stage's label, with the pipeline that follows in parentheses.
struct StageLabel: Hashable {
  let stage: String
  let pipeline: String?

  init(_ text: String) {
    guard text.hasSuffix(")"), let open = text.lastIndex(of: "("), open > text.startIndex else {
      (stage, pipeline) = (text, nil)
      return
    }
    stage = text[..<open].trimmed
    pipeline = text[text.index(after: open)...].dropLast().trimmed
  }
}
