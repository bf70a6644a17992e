import Accounts
import DecisionEngine
import Measurement
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
  init(_ facts: Set<HubSpotFact>, _ configuration: AccountConfiguration) {
    standing = .unknown
    let inTime = facts.sorted { ($0.at, $0.property, $0.value) < ($1.at, $1.property, $1.value) }
    for fact in inTime { latest[fact.property] = fact.value }
    createdAt = inTime.first { $0.property == HubSpotProperties.createdAt }?.at
    survivor = latest[HubSpotFact.mergedInto]
    guard survivor == nil, latest[HubSpotFact.deleted] != "true" else {
      standing = .gone
      return
    }
    let reader = CRMReader(configuration)
    readMoves(inTime, reader)
    if let problem = readAmount(reader) {
      standing = .held(problem)
    } else if !moves.isEmpty {
      standing = .counts
    } else if let remark {
      standing = .held(remark)
    }
  }

  /// Follows the stages. One that the account does not know is left out, and remarked while the deal stands in it.
  private mutating func readMoves(_ inTime: [HubSpotFact], _ reader: CRMReader) {
    let versions = { (property: String) in
      inTime.filter { $0.property == property }.map { CRMReader.Version(value: $0.value, at: $0.at) }
    }
    let read = reader.moves(
      stages: versions(HubSpotProperties.stage), pipelines: versions(HubSpotProperties.pipeline))
    moves = read.moves
    remark = read.unknownPlace.map { "the stage \($0) is none of the account's: map it in crm_stages" }
  }

  /// Reads the amount and returns why the deal cannot be counted, if it cannot.
  private mutating func readAmount(_ reader: CRMReader) -> String? {
    guard let text = latest[HubSpotProperties.amount], !text.isEmpty else { return nil }
    guard let stated = Money(decimal: text), stated >= .zero else {
      return "its amount is \(text.prefix(40)), which is no number of 0 or more"
    }
    let currency = reader.configuration.currency
    switch reader.amount(stated, currency: latest[HubSpotProperties.currency]) {
    case .success(let amount):
      self.amount = amount
      return nil
    case .failure(.noRate(let other)):
      return "its amount is in \(other), for which currency_rates has no rate in \(currency)"
    case .failure(.tooLarge(let other)):
      return "its amount of \(text.prefix(40)) \(other) is too large in \(currency)"
    }
  }
}
