import Accounts
import DecisionEngine
import Measurement
import Values

/// A deal as derived from its facts.
struct HubSpotDealView: Hashable {
  /// Whether the deal counts, and if not, why.
  enum Standing: Hashable {
    case counts
    /// It was deleted, or merged into another deal.
    case gone
    /// It cannot be counted until somebody acts.
    case held(String)
    /// Not enough is known about it yet.
    case unknown
  }

  var standing: Standing
  /// The moves into the account's stages, in order of time.
  var moves: [DealUpdate.Move] = []
  /// The amount in the account's currency, where known.
  var amount: Money?
  /// When the deal was created, where known.
  var createdAt: Instant?
  /// A remark on a deal that counts, but not as HubSpot has it: its stage is unknown in the account.
  var remark: String?
  /// The deal that this one was merged into.
  var survivor: String?
  /// The latest value of each property.
  private(set) var latest: [String: String] = [:]

  /// Derives the deal from `facts` for an account.
  ///
  /// Of two values at the same moment the greater counts, so that the order of arrival does not matter.
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

  /// Derives the moves. A stage unknown in the account is skipped, with a remark while the deal is in it.
  private mutating func readMoves(_ inTime: [HubSpotFact], _ reader: CRMReader) {
    let versions = { (property: String) in
      inTime.filter { $0.property == property }.map { CRMReader.Version(value: $0.value, at: $0.at) }
    }
    let read = reader.moves(
      stages: versions(HubSpotProperties.stage), pipelines: versions(HubSpotProperties.pipeline))
    moves = read.moves
    remark = read.unknownPlace.map { "the stage \($0) is not one of the account's: map it in crm_stages" }
  }

  /// Reads the amount and returns why the deal cannot be counted, if it cannot.
  private mutating func readAmount(_ reader: CRMReader) -> String? {
    guard let text = latest[HubSpotProperties.amount], !text.isEmpty else { return nil }
    guard let stated = Money(decimal: text), stated >= .zero else {
      return "its amount is \(text.prefix(40)), which is not a number of 0 or more"
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
