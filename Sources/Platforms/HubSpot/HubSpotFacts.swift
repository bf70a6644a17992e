import Accounts
import RemoteAPIs
import Values

/// A fact about a deal: from a moment on, a property had a value.
///
/// What is known of a deal is a set of facts. Facts are only ever added, and the deal is derived from the whole set, so
/// neither their order nor repetition makes a difference.
struct HubSpotFact: Hashable, Sendable {
  /// Names of facts that are not HubSpot properties. No property of HubSpot's has a dot in its name.
  static let deleted = "deal.deleted"
  static let mergedInto = "deal.merged_into"

  /// The longest stored value, in bytes; HubSpot's stages, amounts and ids are far shorter.
  static let valueLimit = 250

  let property: String
  let value: String
  let at: Instant

  init(_ property: String, _ value: String, at: Instant) {
    self.property = property.canonical
    self.value = value.canonical
    self.at = at
  }
}

/// The properties of a deal that are used here.
enum HubSpotProperties {
  static let stage = "dealstage"
  static let amount = "amount"
  static let pipeline = "pipeline"
  static let currency = "deal_currency_code"
  static let createdAt = "createdate"
  /// The deals that were merged into one.
  static let merged = "hs_merged_object_ids"

  /// Those that are read with their history.
  static func deal(_ settings: CRMSettings) -> [String] {
    [stage, amount, pipeline, currency, merged] + settings.adIDProperties
  }

  static let facebookClick = "hs_facebook_click_id"
  static let firstURL = "hs_analytics_first_url"
  static let lastURL = "hs_analytics_last_url"
  static let firstVisit = "hs_analytics_first_visit_timestamp"
  static let lastVisit = "hs_analytics_last_visit_timestamp"

  /// Those of a contact.
  static func contact(_ settings: CRMSettings) -> [String] {
    [facebookClick, firstURL, lastURL, firstVisit, lastVisit] + settings.adIDProperties
  }
}

extension HubSpotEventRecord {
  /// The facts that the event states about its deal.
  func facts(_ settings: CRMSettings) -> [HubSpotFact] {
    switch kind {
    case .dealPropertyChange:
      guard let property, HubSpotProperties.deal(settings).contains(property), let value,
        value.utf8.count <= HubSpotFact.valueLimit
      else { return [] }
      return [HubSpotFact(property, value, at: occurredAt)]
    case .dealDeletion: return [HubSpotFact(HubSpotFact.deleted, "true", at: occurredAt)]
    case .dealRestore: return [HubSpotFact(HubSpotFact.deleted, "false", at: occurredAt)]
    case .dealMerge:
      guard let mergedInto, mergedInto != dealID else { return [] }
      return [HubSpotFact(HubSpotFact.mergedInto, mergedInto, at: occurredAt)]
    case .dealCreation: return [HubSpotFact(HubSpotProperties.createdAt, "", at: occurredAt)]
    case .contactAssociation, .other: return []
    }
  }
}

extension HubSpotDeal {
  /// The facts that HubSpot's reply states about the deal requested as `askedID`.
  func facts(askedID: String, _ settings: CRMSettings) -> [HubSpotFact] {
    guard "\(id)" == askedID else { return [HubSpotFact(HubSpotFact.mergedInto, "\(id)", at: updatedAt)] }
    var facts = [HubSpotFact(HubSpotProperties.createdAt, "", at: createdAt)]
    if archived { facts.append(HubSpotFact(HubSpotFact.deleted, "true", at: updatedAt)) }
    for property in HubSpotProperties.deal(settings) {
      for version in history[property] ?? [] where version.value.utf8.count <= HubSpotFact.valueLimit {
        facts.append(HubSpotFact(property, version.value, at: version.timestamp))
      }
    }
    return facts
  }
}
