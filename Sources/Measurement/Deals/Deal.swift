import Values

/// The current state of a deal of the CRM.
package struct Deal: Hashable, Sendable {
  /// The CRM's id of the deal.
  package var id: String
  /// The ad that brought it, where known.
  package var adID: AdID?
  /// Its stage, by the account's name.
  package var stage: String
  /// Its own amount, where known.
  package var amount: Money?
  /// When it entered the stage.
  package var stageEnteredAt: Instant
  /// Its source, such as `hubspot_csv`.
  package var source: String
}

/// What a CRM reports about a deal: its properties and the known moves.
package struct DealUpdate: Hashable, Sendable {
  /// A move into a stage.
  package struct Move: Hashable, Sendable {
    /// The stage entered, by the account's name.
    package var stage: String
    /// When.
    package var occurredAt: Instant

    package init(stage: String, occurredAt: Instant) {
      self.stage = stage
      self.occurredAt = occurredAt
    }
  }

  /// The stage that a deal is in, where the CRM does not say since when.
  package struct Present: Hashable, Sendable {
    /// The stage, by the account's name.
    package var stage: String
    /// The CRM's close date of a deal in a closed stage; only a plan while it is in the future.
    package var closedAt: Instant?

    package init(stage: String, closedAt: Instant? = nil) {
      self.stage = stage
      self.closedAt = closedAt
    }
  }

  /// The CRM's id of the deal, 1 to 256 bytes, in its canonical form.
  package var dealID: String
  /// The ad that brought it, where known.
  package var adID: AdID?
  /// Its own amount, where known.
  package var amount: Money?
  /// When the deal was created, where known.
  package var createdAt: Instant?
  /// The moves whose moments are known.
  package var moves: [Move]
  /// The deal's current stage, where that is known without its moment; there are either moves or this.
  package var present: Present?
  /// Its source, such as `hubspot_csv`.
  package var source: String
  /// Whether the update is complete: properties that it lacks are unknown, and moves that it lacks never happened.
  package var isComplete = false

  /// An update that is added to what is known.
  package init(dealID: String, adID: AdID?, amount: Money?, createdAt: Instant?, moves: [Move], source: String) {
    self.dealID = dealID.canonical
    self.adID = adID
    self.amount = amount
    self.createdAt = createdAt
    self.moves = moves
    self.source = source
  }
}

/// A deal before and after a change.
package struct DealChange: Hashable, Sendable {
  /// Nil for a new deal.
  package let before: Deal?
  /// Nil for a deleted deal.
  package let after: Deal?

  /// The ads whose deals were changed.
  package var ads: Set<AdID> {
    before == after ? [] : Set([before?.adID, after?.adID].compactMap { $0 })
  }
}
