import RemoteAPIs
import Values

/// The tie between an account and an ad account at Meta, with what was last read of it.
package struct MetaConnection: Hashable, Sendable {
  /// Where the access token comes from.
  package enum TokenSource: String, Hashable, Sendable, CaseIterable {
    /// `META_ACCESS_TOKENS` in the environment, under the account's name.
    case account
    /// `META_ACCESS_TOKEN` in the environment, the token of whoever runs this system.
    case shared
    /// It was given once and is kept sealed.
    case stored
  }

  /// The account.
  package let accountID: AccountID
  /// The ad account.
  package let adAccount: MetaAdAccountID
  /// Where the token comes from.
  package let tokenSource: TokenSource
  /// When it was made.
  package let connectedAt: Instant
  /// When the token first opened the ad account, and currency and time zone agreed; nil before that. From then on no
  /// other account can have the ad account, and figures are read and budgets may be changed.
  package let verifiedAt: Instant?
  /// What Meta said of the ad account; nil where it was never read.
  package let facts: MetaAccountFacts?
  /// What Meta said of the token; nil where it was never asked.
  package let token: MetaTokenFacts?
  /// When campaigns, ad sets and ads were last read in full.
  package let objectsReadAt: Instant?
  /// When figures were last read in full.
  package let syncedAt: Instant?
  /// The day up to which they were read then, by the ad account's calendar.
  package let syncedUntil: CalendarDay?
  /// Why the last try to read failed; nil where it did not.
  package let problem: String?
}

/// What Meta said of an ad account.
package struct MetaAccountFacts: Hashable, Sendable {
  /// What people call it.
  package let name: String?
  /// The letters of its currency.
  package let currency: String
  /// Its time zone's IANA name.
  package let timezone: String
  /// Meta's number for how it stands; 1 is active.
  package let status: Int
  /// The least daily budget, in Meta's units.
  package let minDailyBudget: Int64?
  /// The most that it may spend in all, in Meta's units; nil for no cap.
  package let spendCap: Int64?
  /// What the token's user may do with it, such as `ADVERTISE`; nil where Meta does not say.
  package let userTasks: [String]?
}

/// What Meta said of an access token.
package struct MetaTokenFacts: Hashable, Sendable {
  /// What it may do, such as `ads_read`.
  package let scopes: [String]
  /// When it expires; nil for never.
  package let expiresAt: Instant?
  /// The app's tier of access; nil where Meta did not say.
  package let tier: String?
  /// When Meta was asked.
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
