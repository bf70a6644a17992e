import RemoteAPIs
import Values

/// The connection of an account with an ad account at Meta, with the data last read about it.
package struct MetaConnection: Hashable, Sendable {
  /// Where the access token comes from.
  package enum TokenSource: String, Hashable, Sendable, CaseIterable {
    /// `META_ACCESS_TOKENS` in the environment, under the account's name.
    case account
    /// `META_ACCESS_TOKEN` in the environment, the token of this system's operator.
    case shared
    /// It was provided once and is stored sealed.
    case stored
  }

  package let accountID: AccountID
  package let adAccount: MetaAdAccountID
  /// Where the token comes from.
  package let tokenSource: TokenSource
  /// When it was created.
  package let connectedAt: Instant
  /// When the token first opened the ad account, with matching currency and time zone; nil before that. From then on no
  /// other account can connect the ad account, figures are read and budgets may be changed.
  package let verifiedAt: Instant?
  /// Meta's data about the ad account; nil where they were never read.
  package let facts: MetaAccountFacts?
  /// Meta's data about the token; nil where they were never read.
  package let token: MetaTokenFacts?
  /// When campaigns, ad sets and ads were last read in full.
  package let objectsReadAt: Instant?
  /// When figures were last read in full.
  package let syncedAt: Instant?
  /// The last day that was read then, in the ad account's calendar.
  package let syncedUntil: CalendarDay?
  /// Why the last sync failed; nil where it did not.
  package let problem: String?
}

/// Meta's data about an ad account.
package struct MetaAccountFacts: Hashable, Sendable {
  /// Its display name.
  package let name: String?
  /// Its currency code.
  package let currency: String
  /// Its time zone's IANA name.
  package let timezone: String
  /// Meta's status code; 1 is active.
  package let status: Int
  /// The lowest daily budget, in Meta's units.
  package let minDailyBudget: Int64?
  /// The most that it may spend in all, in Meta's units; nil for no cap.
  package let spendCap: Int64?
  /// What the token's user may do with it, such as `ADVERTISE`; nil where Meta does not report it.
  package let userTasks: [String]?
}

/// Meta's data about an access token.
package struct MetaTokenFacts: Hashable, Sendable {
  /// Its permissions, such as `ads_read`.
  package let scopes: [String]
  /// When it expires; nil for never.
  package let expiresAt: Instant?
  /// The app's access tier; nil where Meta did not report it.
  package let tier: String?
  /// When the data were read.
  package let checkedAt: Instant
}

extension MetaAccountFacts {
  init(_ account: MetaAdAccount) {
    self.init(
      name: account.name.map { String($0.prefix(200)) }, currency: account.currency, timezone: account.timezoneName,
      status: account.status, minDailyBudget: account.minDailyBudget, spendCap: account.spendCap,
      userTasks: account.userTasks)
  }
}
