import Jobs
import Values

extension QueueName {
  /// Winners have a queue of their own: they are searched for within a second.
  package static let winners = QueueName(rawValue: "winners")
}

/// Embed the account's winners that have no embedding yet; before that, unless it is told to do no more, judge all ads anew.
package struct AutoIndexWinner: RecurringAccountJob {
  package static let name = "auto_index_winner"
  package static let queue = QueueName.winners
  package static let usualSchedule = "12h"

  package let accountID: AccountID
  /// Whether ads are left as they were judged; nil as false.
  package let onlyEmbeds: Bool?

  /// One of each kind that waits for the account is enough.
  package var uniqueKey: String? { onlyEmbeds == true ? "embed" : "all" }

  /// Judges all ads and embeds.
  package init(accountID: AccountID) {
    self.accountID = accountID
    onlyEmbeds = nil
  }

  /// Embeds alone.
  package init(embeddingOf account: AccountID) {
    accountID = account
    onlyEmbeds = true
  }
}
