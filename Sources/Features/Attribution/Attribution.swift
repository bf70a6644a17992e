import Values

/// How it was found out which ad brought a deal.
public enum AttributionMethod: String, Hashable, Sendable, CaseIterable, Codable {
  /// Somebody said so, by `attribute-conversion`.
  case stated
  /// The deal itself carries the ad's id.
  case dealProperty = "deal_property"
  /// A contact of the deal carries the ad's id.
  case contactProperty = "contact_property"
  /// The address of the page on which a contact arrived carries the ad's id.
  case landingPage = "landing_page"
  /// A contact carries the id of a click that was reported.
  case click
  /// The deal came with its ad in a file.
  case imported

  /// How far the method can be trusted, in 0...1: a judgement, by how many hands the id has passed through.
  public var confidence: Double {
    switch self {
    case .stated, .dealProperty: 1
    case .contactProperty, .click: 0.95
    case .landingPage: 0.9
    case .imported: 0.8
    }
  }
}

/// Which ad a deal is credited to, and why; or why to none.
public struct Attribution: Hashable, Sendable {
  /// The ad; nil for a deal that no ad is credited with.
  public var adID: AdID?
  /// How the ad was found; nil where none was.
  public var method: AttributionMethod?
  /// Why, or why not, in a sentence.
  public var reason: String

  /// How far it can be trusted, in 0...1; 0 where no ad was found.
  public var confidence: Double { method?.confidence ?? 0 }
}

/// A click on an ad that the landing page reported, with its visitor's consent.
public struct Click: Hashable, Sendable {
  /// The click's id, such as an `fbclid`; 1 to 512 bytes.
  public var id: String
  /// The ad.
  public var adID: AdID
  /// When it was clicked.
  public var clickedAt: Instant

  /// Makes a click from its parts.
  public init(id: String, adID: AdID, clickedAt: Instant) {
    self.id = id
    self.adID = adID
    self.clickedAt = clickedAt
  }
}

/// What a caller reports of how a deal came about.
public struct Conversion: Hashable, Sendable {
  /// The CRM's id of the deal.
  public var dealID: String
  /// The ad, where the caller knows it.
  public var statedAd: AdID?
  /// A click that was reported, or will be.
  public var clickID: String?
  /// The address on which the visitor arrived.
  public var landingPage: String?
  /// When the deal was made.
  public var convertedAt: Instant?

  /// Nothing but the deal is known.
  public init(dealID: String) {
    self.dealID = dealID
  }

  /// What may lead to the ad; the landing page's address is looked through for the account's parameters.
  func clues(_ settings: CRMSettings) -> AttributionEvidence.Clues {
    var clues = AttributionEvidence.Clues()
    if let clickID { clues.add(clickID: clickID) }
    if let landingPage { clues.add(landingPage: landingPage, visitedAt: nil, settings) }
    return clues
  }
}

/// What first parties know of how a deal came about.
public struct AttributionEvidence: Hashable, Sendable, Codable {
  /// A word that may be an ad's id.
  public struct Candidate: Hashable, Sendable, Codable {
    /// Where it was found.
    public let method: AttributionMethod
    /// The property or parameter that holds it.
    public let name: String
    /// The word.
    public let value: String
    /// When its carrier visited, where that is known.
    public let at: Instant?

    /// Makes a candidate from its parts.
    public init(method: AttributionMethod, name: String, value: String, at: Instant? = nil) {
      self.method = method
      self.name = name
      self.value = value
      self.at = at
    }
  }

  /// Words and clicks that may lead to the ad.
  public struct Clues: Hashable, Sendable, Codable {
    /// How many candidates, and how many clicks, are kept.
    public static let limit = 50

    /// Words that may be ad ids, best first.
    public private(set) var candidates: [Candidate] = []
    /// Ids of clicks.
    public private(set) var clickIDs: [String] = []

    /// None.
    public init() {}

    /// Adds a candidate once, as long as there is room.
    public mutating func add(_ candidate: Candidate) {
      guard candidates.count < Self.limit, !candidates.contains(candidate) else { return }
      candidates.append(candidate)
    }

    /// Adds a click's id once, as long as there is room.
    public mutating func add(clickID: String) {
      let clickID = clickID.canonical
      guard (1...512).contains(clickID.utf8.count), clickIDs.count < Self.limit, !clickIDs.contains(clickID) else {
        return
      }
      clickIDs.append(clickID)
    }
  }

  /// What the deal and its contacts carry in the CRM.
  public var crm = Clues()
  /// What was reported of the deal by `attribute-conversion`.
  public var reported = Clues()
  /// When the deal was made, where known.
  public var dealCreatedAt: Instant?
  /// What could not be looked at, and why; nil where all was.
  public var gap: String?

  /// Nothing is known.
  public init() {}
}
