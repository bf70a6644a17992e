import Values

/// A deal as HubSpot knows it now.
public struct HubSpotDeal: Equatable, Sendable {
  /// The deal's number. It differs from the one that was asked for where that deal was merged into this one.
  public var id: Int64
  /// The properties that were asked for; nil for those without a value.
  public var properties: [String: String?]
  /// The values that a property has had, the newest first, for the properties whose history was asked for.
  public var history: [String: [HubSpotPropertyVersion]]
  /// The contacts linked to the deal; empty where they were not asked for.
  public var contactIDs: [Int64]
  /// Whether the deal is deleted.
  public var archived: Bool
  /// When it was made.
  public var createdAt: Instant
  /// When it was last changed.
  public var updatedAt: Instant

  /// A property's value; nil where it has none or was not asked for.
  public subscript(property: String) -> String? { properties[property] ?? nil }
}

/// A value that a property has had.
public struct HubSpotPropertyVersion: Equatable, Sendable {
  /// The value; empty where it was cleared.
  public var value: String
  /// When the property got it.
  public var timestamp: Instant
  /// What set it, such as `CRM_UI`.
  public var sourceType: String?
}

/// A contact as HubSpot knows it now.
public struct HubSpotContact: Equatable, Sendable {
  /// The contact's number. It differs from the one that was asked for where that contact was merged into this one.
  public var id: Int64
  /// The properties that were asked for; nil for those without a value.
  public var properties: [String: String?]
  /// Whether the contact is deleted.
  public var archived: Bool

  /// A property's value; nil where it has none or was not asked for.
  public subscript(property: String) -> String? { properties[property] ?? nil }
}

/// What a batch of numbers led to.
///
/// Numbers of records that were merged into one lead to that one, which may then be there more than once.
public struct HubSpotBatch<Record: Equatable & Sendable>: Equatable, Sendable {
  /// The records that were found. HubSpot may give them in another order than the numbers.
  public var records: [Record]
  /// The numbers that HubSpot has no record for.
  public var missingIDs: [Int64]
}

/// The stages that deals of one kind pass through.
public struct HubSpotPipeline: Equatable, Sendable {
  /// The pipeline's name for programs, such as `default`.
  public var id: String
  /// Its name for people.
  public var label: String
  /// Its place among the pipelines.
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
  /// Its place in the pipeline.
  public var displayOrder: Int64
  /// Whether it is deleted.
  public var archived: Bool
  /// What HubSpot keeps with it; all values are strings.
  public var metadata: [String: String]

  /// How likely a deal in this stage is won, 0 to 1; nil where HubSpot does not say.
  public var probability: Double? {
    metadata["probability"].flatMap { Double($0) }.flatMap { (0...1).contains($0) ? $0 : nil }
  }

  /// Whether a deal in this stage is won.
  public var isWon: Bool { probability == 1 }

  /// Whether a deal in this stage is lost.
  public var isLost: Bool { metadata["isClosed"] == "true" && probability == 0 }
}
