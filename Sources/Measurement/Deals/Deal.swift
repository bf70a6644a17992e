import Values

/// A deal of the CRM as it stands.
package struct Deal: Hashable, Sendable {
  /// The CRM's id of the deal.
  package var id: String
  /// The ad that brought it, where known.
  package var adID: AdID?
  /// The stage it stands in, by the account's name for it.
  package var stage: String
  /// Its own amount, where known.
  package var amount: Money?
  /// When it entered the stage.
  package var stageEnteredAt: Instant
  /// Where it was read from, such as `hubspot_csv`.
  package var source: String
}

/// What a CRM says of a deal: its facts and the moves that are known.
package struct DealUpdate: Hashable, Sendable {
  /// A move into a stage.
  package struct Move: Hashable, Sendable {
    /// The stage entered, by the account's name for it.
    package var stage: String
    /// When.
    package var occurredAt: Instant

    /// Makes a move from its parts.
    package init(stage: String, occurredAt: Instant) {
      self.stage = stage
      self.occurredAt = occurredAt
    }
  }

  /// The stage that a deal stands in, where the CRM does not say since when.
  package struct Present: Hashable, Sendable {
    /// The stage, by the account's name for it.
    package var stage: String
    /// The close that the CRM has for a deal in a closed stage: an intention until it has come.
    package var closedAt: Instant?

    /// Makes it from its parts.
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
  /// When the deal was made, where known.
  package var createdAt: Instant?
  /// The moves whose moments are known.
  package var moves: [Move]
  /// Where the deal stands now, where that is known without its moment; there are moves, or there is this.
  package var present: Present?
  /// Where this was read from, such as `hubspot_csv`.
  package var source: String
  /// Whether this is all there is to say: what it leaves open is unknown, and moves that it does not have never were.
  package var isComplete = false

  /// Makes an update from its parts, to be added to what is known.
  package init(dealID: String, adID: AdID?, amount: Money?, createdAt: Instant?, moves: [Move], source: String) {
    self.dealID = dealID.canonical
    self.adID = adID
    self.amount = amount
    self.createdAt = createdAt
    self.moves = moves
    self.source = source
  }
}

/// How a deal stood before it was changed, and how it stands now.
package struct DealChange: Hashable, Sendable {
  /// The deal as it stood; nil for a new one.
  package let before: Deal?
  /// The deal as it stands; nil for one that is gone.
  package let after: Deal?

  /// The ads whose deals are not what they were.
  package var ads: Set<AdID> {
    before == after ? [] : Set([before?.adID, after?.adID].compactMap { $0 })
  }
}
