import Accounts
import DecisionEngine
import Values

/// The content of a file's row of deals.
enum DealRow {
  /// A deal to be imported.
  case update(FileDeal)
  /// A deal that was deleted.
  case deleted(dealID: String)
  /// A deal in another pipeline than the requested one.
  case otherPipeline
}

/// A deal of a file, interpreted by the account's configuration.
struct FileDeal {
  var update: DealUpdate
  /// The texts of the file that may name the deal's ad, best first.
  var adWords: [AdWord] = []
  /// The deals that were merged into this one.
  var mergedIDs: [String] = []
}

/// The raw data of a deal in a file, before it is interpreted by the account's configuration.
struct DealFacts {
  let dealID: String
  /// Its current stage, as the CRM names it.
  var stage: String?
  var pipeline: String?
  var amount: Money?
  var currency: String?
  /// The amount as converted by the CRM into the company's currency.
  var companyAmount: Money?
  var createdAt: Instant?
  var closedAt: Instant?
  /// When it entered its current stage.
  var stageEnteredAt: Instant?
  /// When it entered stages, from a column or property for each stage.
  var entries: [CRMReader.Version] = []
  /// The histories of the stage and of the pipeline; the first is empty where the file has none.
  var stages: [CRMReader.Version] = []
  var pipelines: [CRMReader.Version] = []
  var adWords: [AdWord] = []
  /// The ids of the deals that were merged into it, in the CRM's format.
  var mergedIDs: String?
}

/// A rule that a value of a deal violates. The source of the deal adds where the value is.
struct DealProblem: Error {
  enum Field {
    case stage, currency, companyAmount, adID
  }

  let field: Field
  let value: String
  let rule: String
}

/// Interprets the deals of files by the account's configuration, whatever kind of file they come from.
struct DealReader: Sendable {
  let configuration: AccountConfiguration
  let dates: DateReader
  private let crm: CRMReader
  /// The only pipeline that is imported; nil for all.
  private let pipeline: String?

  init(configuration: AccountConfiguration, dates: DateReader, options: ImportOptions) {
    self.configuration = configuration
    self.dates = dates
    pipeline = options.pipeline
    crm = CRMReader(configuration, stages: options.stages)
  }

  /// Reads a deal's facts.
  func read(_ facts: DealFacts, source: String) throws(DealProblem) -> DealRow {
    let place = place(of: facts)
    if let pipeline, CRMReader.loose(place) != CRMReader.loose(pipeline) { return .otherPipeline }
    var update = DealUpdate(
      dealID: facts.dealID, adID: nil, amount: try amount(of: facts), createdAt: facts.createdAt,
      moves: entries(of: facts, place), source: source)
    if facts.stages.isEmpty {
      try setPresent(&update, facts, place)
    } else {
      update.moves += try history(facts)
    }
    for word in facts.adWords where AdID(word.value) == nil && !word.isFree {
      throw DealProblem(field: .adID, value: word.value, rule: "must be \(AdID.rule)")
    }
    return .update(
      FileDeal(
        update: update, adWords: facts.adWords, mergedIDs: CRMReader.mergedIDs(facts.mergedIDs ?? "", but: facts.dealID)
      ))
  }

  /// The deal's pipeline, from the file or from the options.
  private func place(of facts: DealFacts) -> String {
    facts.pipeline ?? facts.stage.flatMap { StageLabel($0).pipeline } ?? pipeline ?? ""
  }

  private func amount(of facts: DealFacts) throws(DealProblem) -> Money? {
    let own = configuration.currency
    if let stated = facts.amount, let company = facts.companyAmount, configuration.crm.currencyRates.isEmpty,
      facts.currency?.uppercased() == own.code, abs(stated.majorUnits - company.majorUnits) > 0.01 * stated.majorUnits
    {
      throw DealProblem(
        field: .companyAmount, value: "\(company)",
        rule: "is not the amount in \(own) (\(stated)), so the company's currency is another; "
          + "set currency_rates for the account")
    }
    switch crm.amount(facts.amount, currency: facts.currency, inCompanyCurrency: facts.companyAmount) {
    case .success(let amount): return amount
    case .failure(.noRate(let currency)):
      throw DealProblem(
        field: .currency, value: facts.currency ?? "",
        rule: "is not the account's currency, \(own): set currency_rates={\"\(currency)\": RATE}, or export the amount "
          + "in the company's currency with it")
    case .failure(.tooLarge(let currency)):
      throw DealProblem(field: .currency, value: currency, rule: "makes an amount that is too large in \(own)")
    }
  }

  private func stage(_ name: String, _ pipeline: String) throws(DealProblem) -> DealStage {
    if let stage = crm.stage(name, pipeline: pipeline) { return stage }
    let names = configuration.stages.stages.map(\.name).joined(separator: ", ")
    let place = pipeline.isEmpty || StageLabel(name).pipeline != nil ? name : "\(pipeline)/\(name)"
    throw DealProblem(
      field: .stage, value: name,
      rule: "must be one of the account's stages (\(names)); say --stage '\(place)=STAGE', map it in crm_stages, "
        + "or add the stage")
  }

  /// The moves into the account's stages, from the columns with the times at which stages were entered.
  private func entries(of facts: DealFacts, _ pipeline: String) -> [DealUpdate.Move] {
    facts.entries.sorted { ($0.at, $0.value) < ($1.at, $1.value) }.compactMap { entry in
      crm.stage(entry.value, pipeline: pipeline).map { DealUpdate.Move(stage: $0.name, occurredAt: entry.at) }
    }
  }

  /// The moves in the stage's history, each in the pipeline of its time. Every stage in it must be one of the
  /// account's.
  private func history(_ facts: DealFacts) throws(DealProblem) -> [DealUpdate.Move] {
    var pipelines = facts.pipelines
    if pipelines.isEmpty, let first = facts.stages.map(\.at).min() {
      pipelines = [CRMReader.Version(value: place(of: facts), at: first)]
    }
    for version in facts.stages {
      let known = pipelines.contains { crm.stage(version.value, pipeline: $0.value) != nil }
      if !known { _ = try stage(version.value, place(of: facts)) }
    }
    let read = crm.moves(stages: facts.stages, pipelines: pipelines)
    if read.moves.isEmpty, let last = facts.stages.last { _ = try stage(last.value, place(of: facts)) }
    return read.moves
  }

  /// The move into the deal's current stage, where its time is known; otherwise only the stage.
  private func setPresent(_ update: inout DealUpdate, _ facts: DealFacts, _ pipeline: String) throws(DealProblem) {
    guard let name = facts.stage else {
      guard update.moves.isEmpty else { return }
      throw DealProblem(field: .stage, value: "", rule: "must not be empty")
    }
    let stage = try stage(name, pipeline)
    if let entered = facts.stageEnteredAt {
      update.moves.append(DealUpdate.Move(stage: stage.name, occurredAt: entered))
    } else if update.moves.last?.stage != stage.name {
      // Such a column has one time for each stage: a deal that returned to this stage entered it at another time.
      update.present = DealUpdate.Present(stage: stage.name, closedAt: stage.kind == .open ? nil : facts.closedAt)
    }
  }
}
