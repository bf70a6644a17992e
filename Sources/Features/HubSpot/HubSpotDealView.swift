import DecisionEngine
import Values

/// A deal as the facts make it.
struct HubSpotDealView: Hashable {
  /// Whether the deal counts, and if not, why.
  enum Standing: Hashable {
    /// It counts as it stands.
    case counts
    /// It is deleted, or it is another deal now.
    case gone
    /// It cannot be counted before somebody acts.
    case held(String)
    /// Not enough is known of it yet.
    case unknown
  }

  var standing: Standing
  /// The moves into stages of the account, in time.
  var moves: [DealUpdate.Move] = []
  /// The amount in the account's currency, where known.
  var amount: Money?
  /// When the deal was made, where known.
  var createdAt: Instant?
  /// What counts, but not as HubSpot has it: a stage that the account does not know.
  var remark: String?
  /// The deal that this one was merged into.
  var survivor: String?
  /// The latest value of each property.
  private(set) var latest: [String: String] = [:]

  /// Makes the deal of `facts` for an account.
  ///
  /// Of two values of one moment the greater counts, so that the order in which they came does not matter.
  init(_ facts: [HubSpotFact], _ configuration: AccountConfiguration) {
    standing = .unknown
    let inTime = facts.sorted { ($0.at, $0.property, $0.value) < ($1.at, $1.property, $1.value) }
    for fact in inTime { latest[fact.property] = fact.value }
    createdAt = inTime.first { $0.property == HubSpotProperties.createdAt }?.at
    survivor = latest[HubSpotFact.mergedInto]
    guard survivor == nil, latest[HubSpotFact.deleted] != "true" else {
      standing = .gone
      return
    }
    readMoves(inTime, configuration)
    if let problem = readAmount(configuration) {
      standing = .held(problem)
    } else if !moves.isEmpty {
      standing = .counts
    } else if let remark {
      standing = .held(remark)
    }
  }

  /// Follows the stages. One that the account does not know is left out, and remarked while the deal stands in it.
  private mutating func readMoves(_ inTime: [HubSpotFact], _ configuration: AccountConfiguration) {
    var pipeline = inTime.first { $0.property == HubSpotProperties.pipeline }?.value ?? ""
    for fact in inTime {
      if fact.property == HubSpotProperties.pipeline { pipeline = fact.value }
      guard fact.property == HubSpotProperties.stage, !fact.value.isEmpty else { continue }
      if let stage = configuration.stage(ofCRM: fact.value, pipeline: pipeline) {
        moves.append(DealUpdate.Move(stage: stage.name, occurredAt: fact.at))
        remark = nil
      } else {
        let place = pipeline.isEmpty ? fact.value : "\(pipeline)/\(fact.value)"
        remark = "the stage \(place) is none of the account's: map it in crm_stages"
      }
    }
  }

  /// Reads the amount and returns why the deal cannot be counted, if it cannot.
  private mutating func readAmount(_ configuration: AccountConfiguration) -> String? {
    guard let text = latest[HubSpotProperties.amount], !text.isEmpty else { return nil }
    guard let stated = Money(decimal: text), stated >= .zero else {
      return "its amount is \(text.prefix(40)), which is no number of 0 or more"
    }
    let currency = latest[HubSpotProperties.currency].flatMap { $0.isEmpty ? nil : $0.uppercased() }
    guard let currency, currency != configuration.currency.code else {
      amount = stated
      return nil
    }
    guard let rate = configuration.crm.currencyRates[currency] else {
      return "its amount is in \(currency), for which currency_rates has no rate in \(configuration.currency)"
    }
    guard let converted = Money(rounding: stated.majorUnits * rate) else {
      return "its amount of \(text.prefix(40)) \(currency) is too large in \(configuration.currency)"
    }
    amount = converted
    return nil
  }
}

extension AccountConfiguration {
  /// The account's stage for a stage of the CRM: as `crm_stages` has it, else the one of that name.
  func stage(ofCRM stage: String, pipeline: String) -> DealStage? {
    stages.stage(named: crm.stages["\(pipeline)/\(stage)"] ?? crm.stages[stage] ?? stage)
  }
}
