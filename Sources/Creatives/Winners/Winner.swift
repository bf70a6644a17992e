import DecisionEngine
import Values

/// Why an ad is a winner.
package enum WinReason: String, Hashable, Sendable, CaseIterable {
  /// Its pipeline ROAS is over the account's threshold.
  case roas
  /// Its CTR is over the account's threshold.
  case ctr
  /// Both are.
  case both = "roas_and_ctr"
  /// Somebody says so; figures do not change that.
  case hand

  /// Nil where the verdict is that the ad does not win.
  init?(_ verdict: WinnerVerdict) {
    switch (verdict.winsByROAS, verdict.winsByCTR) {
    case (true, true): self = .both
    case (true, false): self = .roas
    case (false, true): self = .ctr
    case (false, false): return nil
    }
  }
}

/// What an ad had done at one moment. What is not known of a winner that was brought in is nil.
package struct WinnerFigures: Hashable, Sendable {
  package var impressions: Int?
  package var clicks: Int?
  package var spend: Money?
  package var pipelineValue: Money?
  /// Clicks for each impression.
  package var ctr: Double?
  /// Pipeline value for each unit spent.
  package var pipelineROAS: Double?

  package init() {}

  /// The totals of an ad.
  package init(_ ad: AdState) {
    impressions = ad.impressions
    clicks = ad.clicks
    spend = Self.amount(ad.spend)
    pipelineValue = Self.amount(ad.pipelineValue)
    ctr = ad.ctr
    pipelineROAS = ad.pipelineROAS
  }

  private static func amount(_ majorUnits: Double) -> Money? {
    Money(rounding: min(majorUnits, Double(Money.largestInput)))
  }
}

/// Which text was embedded by which model.
package struct EmbeddedText: Hashable, Sendable {
  /// The model's name.
  package var model: String
  /// How many numbers its vectors have.
  package var dimension: Int
  /// By which rules the text was made of the creative DNA.
  package var textVersion: Int
  /// The SHA-256 of the text, in hexadecimal digits.
  package var textHash: String
}

/// A remembered winner.
package struct Winner: Hashable, Sendable {
  package let accountID: AccountID
  package let adID: AdID
  /// Its number within the account, from 1, by which indexes know it.
  package var number: Int64
  package var reason: WinReason
  /// Since when it wins, or won until ``lostAt``.
  package var wonAt: Instant
  /// Since when it does not win any more; nil while it does.
  package var lostAt: Instant?
  /// What it had done when it came to win.
  package var then = WinnerFigures()
  /// What was embedded, or could not be; nil before.
  package var text: EmbeddedText?
  /// Whether there is an embedding.
  package var isEmbedded = false
  /// Why the model takes its text no more often; nil where it does.
  package var problem: String?
  package var createdAt: Instant
  package var updatedAt: Instant
  /// The number of its last change among all of the account's winners, from 1.
  package var change: Int64 = 0

  package var isWinning: Bool { lostAt == nil }

  package init(_ adID: AdID, of account: AccountID, by reason: WinReason, at moment: Instant, then: WinnerFigures) {
    accountID = account
    self.adID = adID
    number = 0
    self.reason = reason
    wonAt = moment
    self.then = then
    createdAt = moment
    updatedAt = moment
  }
}
