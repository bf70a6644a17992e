import Accounts
import RemoteAPIs
import Values

/// One thing that was checked about a connection with Meta, and what to do about it.
package struct MetaFinding: Hashable, Sendable {
  /// What was checked, in a word or two.
  package let name: String
  /// Whether nothing has to be done.
  package let isFine: Bool
  /// The finding and, where something has to be done, what.
  package let text: String
}

/// The findings about a connection, from the data last read.
enum MetaFindings {
  /// Why the ad account's currency or days do not match the account's; nil where they do. Otherwise nothing is read.
  static func mismatch(
    _ facts: MetaAccountFacts, _ configuration: AccountConfiguration, of account: AccountID, at now: Instant
  ) -> MetaFinding? {
    guard facts.currency == configuration.currency.code else { return currency(facts, configuration) }
    let timezone = timezone(facts, configuration, of: account, at: now)
    return timezone.isFine ? nil : timezone
  }

  static func all(
    of connection: MetaConnection, _ configuration: AccountConfiguration, at now: Instant
  ) -> [MetaFinding] {
    var findings = [
      MetaFinding(
        name: "connection", isFine: connection.verifiedAt != nil,
        text: connection.verifiedAt.map { "\(connection.adAccount), since \($0)" }
          ?? "\(connection.adAccount), not read yet: geminivideo meta sync, or wait for the next sync")
    ]
    if let problem = connection.problem { findings.append(MetaFinding(name: "sync", isFine: false, text: problem)) }
    if let token = connection.token { findings += [permissions(token, connection.facts), expiry(token, at: now)] }
    if let facts = connection.facts {
      findings += [
        status(facts), currency(facts, configuration),
        timezone(facts, configuration, of: connection.accountID, at: now),
      ]
    }
    findings.append(figures(connection, at: now))
    return findings
  }

  /// A sync runs every 15 minutes: where none has run for this many seconds, no worker is running.
  private static let longestPause: Int64 = 2 * 3_600

  private static func figures(_ connection: MetaConnection, at now: Instant) -> MetaFinding {
    let isFine = (connection.syncedAt ?? connection.connectedAt).adding(seconds: longestPause) > now
    let advice = isFine ? "" : "; do a scheduler and a worker run? geminivideo meta sync reads them now"
    let found = connection.syncedAt.map { moment in
      "up to \(connection.syncedUntil.map { "\($0)" } ?? "no day"), read at \(moment)"
    }
    return MetaFinding(name: "figures", isFine: isFine, text: "\(found ?? "none read yet")\(advice)")
  }

  private static func permissions(_ token: MetaTokenFacts, _ facts: MetaAccountFacts?) -> MetaFinding {
    let scopes = Set(token.scopes)
    let tier = token.tier.map { ", tier \($0)" } ?? ""
    guard !scopes.isDisjoint(with: ["ads_read", "ads_management"]) else {
      return MetaFinding(
        name: "token", isFine: false,
        text:
          "may not read figures: it has \(token.scopes.isEmpty ? "no scopes" : token.scopes.joined(separator: ", "))"
          + "; make one with ads_read, and with ads_management where budgets are to be changed")
    }
    let lack =
      !scopes.contains("ads_management")
      ? "the scope ads_management"
      : facts?.userTasks.map { $0.contains("ADVERTISE") || $0.contains("MANAGE") } ?? true
        ? nil : "the task ADVERTISE of its user for the ad account"
    let writes = lack.map { "read figures; to change budgets it lacks \($0)" } ?? "read figures and change budgets"
    return MetaFinding(name: "token", isFine: true, text: "may \(writes)\(tier)")
  }

  /// A token that expires sooner is a problem: somebody must make another one by hand.
  private static let shortLife: Int64 = 7 * 86_400

  private static func expiry(_ token: MetaTokenFacts, at now: Instant) -> MetaFinding {
    guard let end = token.expiresAt else {
      return MetaFinding(name: "token's end", isFine: true, text: "it does not expire")
    }
    let isFine = end > now.adding(seconds: shortLife)
    let advice = isFine ? "" : ": make another; a system user's does not expire"
    return MetaFinding(
      name: "token's end", isFine: isFine, text: "it \(end > now ? "expires" : "expired") at \(end)\(advice)")
  }

  private static func status(_ facts: MetaAccountFacts) -> MetaFinding {
    let name = facts.name.map { "'\($0)', " } ?? ""
    let word = MetaAdAccount.statusName(facts.status)
    return MetaFinding(
      name: "ad account", isFine: facts.status == 1,
      text: facts.status == 1 ? "\(name)active" : "\(name)\(word): it delivers nothing; see it in Ads Manager")
  }

  private static func currency(_ facts: MetaAccountFacts, _ configuration: AccountConfiguration) -> MetaFinding {
    guard facts.currency == configuration.currency.code else {
      return MetaFinding(
        name: "currency", isFine: false,
        text: "the ad account's is \(facts.currency), the account's \(configuration.currency): make an account in "
          + "\(facts.currency) and connect that, or config set currency while the account has no figures")
    }
    let isKnown = (try? MetaCurrency(facts.currency)) != nil
    return MetaFinding(
      name: "currency", isFine: isKnown,
      text: isKnown
        ? "\(facts.currency), as the account's"
        : "\(facts.currency) is not in Meta's table of currencies: figures are read, budgets are not changed")
  }

  private static func timezone(
    _ facts: MetaAccountFacts, _ configuration: AccountConfiguration, of account: AccountID, at now: Instant
  ) -> MetaFinding {
    guard let theirs = AccountCalendar(timezone: facts.timezone) else {
      return MetaFinding(
        name: "time zone", isFine: false,
        text: "this machine has no data of the ad account's, \(facts.timezone): install the package tzdata")
    }
    guard let ours = AccountCalendar(timezone: configuration.timezone), theirs.hasSameDays(as: ours, around: now) else {
      return MetaFinding(
        name: "time zone", isFine: false,
        text: "the ad account's days are those of \(facts.timezone), the account's those of "
          + "\(configuration.timezone): geminivideo config set --account \(account) timezone=\(facts.timezone)")
    }
    return MetaFinding(name: "time zone", isFine: true, text: "\(facts.timezone), as the account's")
  }
}

extension AccountCalendar {
  /// Whether days begin at the same moments as in `other`, in the year before and after `moment`: two names may mean
  /// the same zone.
  fileprivate func hasSameDays(as other: AccountCalendar, around moment: Instant) -> Bool {
    (-366...366).allSatisfy { day in
      let day = moment.utcDay.adding(days: day)
      return start(of: day) == other.start(of: day)
    }
  }
}
