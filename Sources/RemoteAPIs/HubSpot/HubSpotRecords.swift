import Values

/// A deal with its current values in HubSpot.
public struct HubSpotDeal: Equatable, Sendable {
  /// The deal's id. It differs from the requested one where that deal was merged into this one.
  public var id: Int64
  /// The requested properties; nil for those without a value.
  public var properties: [String: String?]
  /// Earlier values of a property, newest first, for the properties whose history was requested.
  public var history: [String: [HubSpotPropertyVersion]]
  /// The contacts linked to the deal; empty where they were not requested.
  public var contactIDs: [Int64]
  /// Whether the deal is deleted.
  public var archived: Bool
  /// When it was made.
  public var createdAt: Instant
  /// When it was last changed.
  public var updatedAt: Instant

  /// A property's value; nil where it has none or was not requested.
  public subscript(property: String) -> String? { properties[property] ?? nil }
}

/// A value that a property had.
public struct HubSpotPropertyVersion: Equatable, Sendable {
  /// The value; empty where it was cleared.
  public var value: String
  /// When the property got it.
  public var timestamp: Instant
  /// What set it, such as `CRM_UI`.
  public var sourceType: String?
}

/// A contact with its current values in HubSpot.
public struct HubSpotContact: Equatable, Sendable {
  /// The contact's id. It differs from the requested one where that contact was merged into this one.
  public var id: Int64
  /// The requested properties; nil for those without a value.
  public var properties: [String: String?]
  /// Whether the contact is deleted.
  public var archived: Bool

  /// A property's value; nil where it has none or was not requested.
  public subscript(property: String) -> String? { properties[property] ?? nil }
}

/// The result of reading a batch of ids.
///
/// The ids of merged records return the record they were merged into, which may then occur more than once.
public struct HubSpotBatch<Record: Equatable & Sendable>: Equatable, Sendable {
  /// The records found, possibly in another order than the ids.
  public var records: [Record]
  /// The ids without a record.
  public var missingIDs: [Int64]
}

/// The stages that deals of one kind pass through.
public struct HubSpotPipeline: Equatable, Sendable {
  /// The pipeline's name for programs, such as `default`.
  public var id: String
  /// Its name for people.
  public var label: String
  /// Its position among the pipelines.
  public var displayOrder: Int64
  /// Whether it is deleted.
  public var archived: Bool
  /// Its stages in the order of display.
  public var stages: [HubSpotStage]
}

/// One stage of a pipeline.
public struct HubSpotStage: Equatable, Sendable {
  /// The stage's name for programs: a word such as `closedwon` in the first pipeline, a number in others.
  public var id: String
  /// Its name for people.
  public var label: String
  /// Its position in the pipeline.
  public var displayOrder: Int64
  /// Whether it is deleted.
  public var archived: Bool
  /// What HubSpot stores with it; all values are strings.
  public var metadata: [String: String]

  /// The probability that a deal in this stage is won, 0 to 1; nil where HubSpot gives none.
  public var probability: Double? {
    metadata["probability"].flatMap { Double($0) }.flatMap { (0...1).contains($0) ? $0 : nil }
  }

  /// Whether a deal in this stage is won.
  public var isWon: Bool { probability == 1 }

  /// Whether a deal in this stage is lost.
  public var isLost: Bool { metadata["isClosed"] == "true" && probability == 0 }
}
