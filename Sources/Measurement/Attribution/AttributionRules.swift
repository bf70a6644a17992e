import Accounts
import Values
import Web

/// Finds the ad that brought a deal from first-party information: the ids that the deal and its contacts carry, and
/// clicks that landing pages reported. Nothing is guessed from devices or addresses.
struct AttributionRules {
  let settings: CRMSettings
  /// Whether the account has figures of an ad.
  let knowsAd: (AdID) throws -> Bool
  /// The click with an id, where it was reported.
  let click: (String) throws -> Click?

  /// The attribution that follows from the evidence: the first valid candidate, otherwise the latest click.
  func attribute(_ evidence: AttributionEvidence) throws -> Attribution {
    var refusals: [String] = []
    for candidate in evidence.crm.candidates + evidence.reported.candidates {
      switch try judge(candidate, dealCreatedAt: evidence.dealCreatedAt) {
      case .success(let adID):
        return Attribution(
          adID: adID, method: candidate.method, reason: "\(candidate.name) of \(candidate.method.carrier) is \(adID)")
      case .failure(let refusal): refusals.append(refusal.reason)
      }
    }
    var clicks: [Click] = []
    for id in evidence.crm.clickIDs + evidence.reported.clickIDs {
      guard let found = try click(id) else {
        refusals.append("the click \(id.prefix(40)) was not reported by track-click")
        continue
      }
      if let problem = problem(of: found.clickedAt, dealCreatedAt: evidence.dealCreatedAt) {
        refusals.append("the click \(id.prefix(40)) \(problem)")
      } else {
        clicks.append(found)
      }
    }
    if let last = clicks.max(by: { ($0.clickedAt, $0.id) < ($1.clickedAt, $1.id) }) {
      return Attribution(
        adID: last.adID, method: .click, reason: "a contact carries the click \(last.id.prefix(40)) on \(last.adID)")
    }
    return Attribution(adID: nil, method: nil, reason: Self.reason(refusals, gap: evidence.gap))
  }

  private struct Refusal: Error {
    let reason: String
  }

  private func judge(
    _ candidate: AttributionEvidence.Candidate, dealCreatedAt: Instant?
  ) throws -> Result<AdID, Refusal> {
    let place = "\(candidate.name) of \(candidate.method.carrier)"
    guard AdID(candidate.value) != nil else {
      return .failure(Refusal(reason: "\(place) is not an ad's id"))
    }
    guard let adID = try AdWord(name: candidate.name, value: candidate.value).ad(knowsAd) else {
      return .failure(Refusal(reason: "\(place) is '\(candidate.value.prefix(40))', which is no ad of the account"))
    }
    if let at = candidate.at, let problem = problem(of: at, dealCreatedAt: dealCreatedAt) {
      return .failure(Refusal(reason: "the visit with \(place) \(problem)"))
    }
    return .success(adID)
  }

  /// Why something that happened at `at` cannot have brought a deal; nil where it can.
  ///
  /// A day of tolerance after the deal's creation covers clock differences and deals created during the visit.
  private func problem(of at: Instant, dealCreatedAt: Instant?) -> String? {
    guard let dealCreatedAt else { return nil }
    let days = dealCreatedAt.hours(since: at) / 24
    if days > Double(settings.attributionWindowDays) {
      return "was \(Int(clamping: days)) days before the deal, outside the window of \(settings.attributionWindowDays)"
    }
    return days < -1 ? "came after the deal" : nil
  }

  private static func reason(_ refusals: [String], gap: String?) -> String {
    let parts = refusals.prefix(3) + (gap.map { [$0] } ?? [])
    guard !parts.isEmpty else {
      return "neither the deal nor its contacts carry an ad's id, a tagged address or a click"
    }
    return parts.joined(separator: "; ")
  }
}

extension AttributionMethod {
  /// What carries the id, in words.
  fileprivate var carrier: String {
    switch self {
    case .dealProperty: "the deal"
    case .contactProperty, .click: "a contact"
    case .landingPage: "a contact's landing page"
    case .stated, .imported: "the report"
    }
  }
}
