import Accounts
import Values

/// How the ad that brought a deal was found.
package enum AttributionMethod: String, Hashable, Sendable, CaseIterable {
  /// Somebody stated it with `attribute-conversion`.
  case stated
  /// The deal itself carries the ad's id.
  case dealProperty = "deal_property"
  /// A contact of the deal carries the ad's id.
  case contactProperty = "contact_property"
  /// The URL of the page on which a contact arrived carries the ad's id.
  case landingPage = "landing_page"
  /// A contact carries the id of a click that was reported.
  case click
  /// The deal came with its ad in a file.
  case imported

  /// How reliable the method is, in 0...1: a judgement, by how many systems the id has passed through.
  package var confidence: Double {
    switch self {
    case .stated, .dealProperty: 1
    case .contactProperty, .click: 0.95
    case .landingPage: 0.9
    case .imported: 0.8
    }
  }
}

/// Which ad a deal is credited to, and why; or why to none.
package struct Attribution: Hashable, Sendable {
  /// The ad; nil for a deal that is credited to no ad.
  package var adID: AdID?
  /// How the ad was found; nil where none was.
  package var method: AttributionMethod?
  /// Why, or why not, in a sentence.
  package var reason: String

  /// How reliable it is, in 0...1; 0 where no ad was found.
  package var confidence: Double { method?.confidence ?? 0 }
}

/// A click on an ad, reported by the landing page with its visitor's consent.
package struct Click: Hashable, Sendable {
  /// The click's id, such as an `fbclid`; 1 to 512 bytes.
  package var id: String
  package var adID: AdID
  /// When it was clicked.
  package var clickedAt: Instant

  package init(id: String, adID: AdID, clickedAt: Instant) {
    self.id = id
    self.adID = adID
    self.clickedAt = clickedAt
  }
}

/// What a caller reports about how a deal came about.
package struct Conversion: Hashable, Sendable {
  /// The CRM's id of the deal.
  package var dealID: String
  /// The ad, where the caller knows it.
  package var statedAd: AdID?
  /// A click that has been reported, or will be.
  package var clickID: String?
  /// The URL on which the visitor arrived.
  package var landingPage: String?
  /// When the deal was created.
  package var convertedAt: Instant?

  package init(dealID: String) {
    self.dealID = dealID
  }

  /// The clues to the ad in it; the landing page's URL is searched for the account's parameters.
  func clues(_ settings: CRMSettings) -> AttributionEvidence.Clues {
    var clues = AttributionEvidence.Clues()
    if let clickID { clues.add(clickID: clickID) }
    if let landingPage { clues.add(landingPage: landingPage, visitedAt: nil, settings) }
    return clues
  }
}

/// First-party information about how a deal came about.
package struct AttributionEvidence: Hashable, Sendable {
  /// A text that may be an ad's id.
  package struct Candidate: Hashable, Sendable {
    /// Where it was found.
    package let method: AttributionMethod
    /// The property or parameter that holds it.
    package let name: String
    /// The word.
    package let value: String
    /// The time of the visit, where known.
    package let at: Instant?

    package init(method: AttributionMethod, name: String, value: String, at: Instant? = nil) {
      self.method = method
      self.name = name
      self.value = value
      self.at = at
    }
  }

  /// Texts and clicks that may lead to the ad.
  package struct Clues: Hashable, Sendable {
    /// The most candidates, and the most clicks, that are kept.
    package static let limit = 50

    /// Texts that may be ad ids, best first.
    package private(set) var candidates: [Candidate] = []
    /// Ids of clicks.
    package private(set) var clickIDs: [String] = []

    package init() {}

    /// Adds a candidate unless it is there already, as long as there is room.
    package mutating func add(_ candidate: Candidate) {
      guard candidates.count < Self.limit, !candidates.contains(candidate) else { return }
      candidates.append(candidate)
    }

    /// Adds a click's id unless it is there already, as long as there is room.
    package mutating func add(clickID: String) {
      let clickID = clickID.canonical
      guard (1...512).contains(clickID.utf8.count), clickIDs.count < Self.limit, !clickIDs.contains(clickID) else {
        return
      }
      clickIDs.append(clickID)
    }
  }

  /// What the deal and its contacts carry in the CRM.
  package var crm = Clues()
  /// What was reported about the deal with `attribute-conversion`.
  package var reported = Clues()
  /// When the deal was created, where known.
  package var dealCreatedAt: Instant?
  /// What could not be read, and why; nil where everything was read.
  package var gap: String?

  package init() {}
}
