import Formats
import Storage
import Values

@testable import Accounts
@testable import Web

extension StatementCalls {
  mutating func addAccounts() {
    let accounts = AccountRepository(settings: .standard)
    let rows = AccountRowsRepository()
    let quotas = AccountQuotaRepository()
    let history = ConfigurationHistoryRepository(settings: .standard)
    within("AccountRepository.create(_:_:at:in:)") { c, t in
      try accounts.create(c.caller.account, AccountConfiguration(), at: c.now, in: t)
    }
    within("AccountRepository.lockConfiguration(of:in:)") { c, t in
      try accounts.lockConfiguration(of: c.caller.account, in: t)
    }
    within("AccountRepository.announceChange(of:in:)") { c, t in
      try AccountRepository.announceChange(of: c.caller.account, in: t)
    }
    leavesNoTrace("AccountRepository.lockConfiguration(of:in:)", "AccountRepository.announceChange(of:in:)")
    within("AccountRepository.incarnation(of:holding:in:)") { c, t in
      try accounts.incarnation(of: c.caller.account, in: t)
    }
    within("AccountRepository.edition(of:in:)") { c, t in try accounts.edition(of: c.caller.account, in: t) }
    within("AccountRowsRepository.lock(_:in:)") { c, t in try rows.lock(c.caller.account, in: t) }
    forAll("AccountRowsRepository.mayDelete(in:)", because: "it asks for the role's rights")
    within("AccountRepository.configuration(of:in:)") { c, t in
      try accounts.configuration(of: c.caller.account, in: t)
    }
    within("AccountRepository.save(_:of:at:in:)") { c, t in
      var configuration = AccountConfiguration()
      configuration.version = 9
      try accounts.save(configuration, of: c.caller.account, at: c.now, in: t)
    }
    forAll("AccountRepository.all(in:)", because: "commands list every account")
    forAll(
      "AccountRepository.activeIDs(in:)", "AccountRepository.activeTimezones(in:)",
      because: "what recurs is pushed for every account")
    within("AccountRowsRepository.count(_:of:in:)") { c, t in
      try rows.count("ad_states", of: c.caller.account, in: t)
    }
    within("AccountRowsRepository.delete(_:of:in:)") { c, t in
      try rows.delete("ad_states", of: c.caller.account, in: t)
    }
    within("AccountRowsRepository.forEach(_:of:in:_:)") { c, t in
      var ads: [AdID] = []
      try rows.forEach("ad_states", of: c.caller.account, in: t) { ads.append(try $0.get("ad_id")) }
      return ads
    }
    within("AccountRowsRepository.setDisabled(_:_:in:)") { c, t in
      try rows.setDisabled(c.now, c.caller.account, in: t)
    }
    within("AccountRowsRepository.setRate(_:of:in:)") { c, t in
      try rows.setRate(RequestRate(perMinute: 7, burst: 7), of: c.caller.account, in: t)
    }
    within("AccountRowsRepository.rate(of:in:)") { c, t in try rows.rate(of: c.caller.account, in: t) }
    within("AccountRowsRepository.decisionRetention(of:in:)") { c, t in
      try rows.decisionRetention(of: c.caller.account, in: t)
    }
    within("AccountRowsRepository.setDecisionRetention(_:of:in:)") { c, t in
      try rows.setDecisionRetention(DecisionRetention(days: 7, count: 7), of: c.caller.account, in: t)
    }
    forAll(
      "AccountRowsRepository.decisionRetentions(in:)", "APIKeyRepository.removeEnded(before:limit:in:)",
      "AttributionRepository.removeClicks(before:limit:in:)", "HubSpotFactRepository.removeGone(before:limit:in:)",
      because: "retentions go over every account")
    forAll(
      "RetentionRepository.claim(_:at:next:in:)", "RetentionRepository.add(_:removed:failures:in:)",
      "RetentionRepository.totals(in:)", because: "retentions are of no account")
    within("AccountQuotaRepository.get(of:in:)") { c, t in try quotas.get(of: c.caller.account, in: t) }
    within("AccountQuotaRepository.set(_:on:of:in:)") { c, t in
      try quotas.set(nil, on: "ads", of: c.caller.account, in: t)
    }
    within("AccountQuotaRepository.claim(_:of:in:)") { c, t in
      try quotas.claim("ads", of: c.caller.account, in: t)
    }
    leavesNoTrace("AccountQuotaRepository.claim(_:of:in:)")
    forAll("AccountQuotaRepository.all(in:)", because: "commands list every account")
    forAll(
      "AccountRowsRepository.tables(in:)", "AccountRowsRepository.columns(of:in:)",
      because: "it reads the database's catalogue")
    forAll(
      "AccountRowsRepository.insert(_:rowCounts:in:)", "AccountRowsRepository.receipts(limit:in:)",
      because: "receipts stay when their account is gone, and only commands see them")
    within("ConfigurationHistoryRepository.append(_:of:at:by:in:)") { c, t in
      var configuration = AccountConfiguration()
      configuration.version = 9
      try history.append(configuration, of: c.caller.account, at: c.now, by: "test", in: t)
    }
    within("ConfigurationHistoryRepository.list(of:before:limit:in:)") { c, t in
      try history.list(of: c.caller.account, before: nil, limit: 10, in: t)
    }
    within("ConfigurationHistoryRepository.get(_:of:in:)") { c, t in
      try history.get(2, of: c.caller.account, in: t)
    }
    forAll("ConfigurationHistoryRepository.unrecorded(in:)", because: "it completes the record of every account")
    forAll(
      "DatabaseDoctor.checks()", "DatabaseDoctor.rights(ofFile:)",
      "DatabaseDoctor.connection(isEncrypted:address:sslMode:)", "DatabaseDoctor.clock(server:before:after:)",
      because: "it asks the database how it is")
  }

  mutating func addKeys() {
    let keys = APIKeyRepository()
    let audit = AuditRepository()
    within(
      "APIKeyRepository.insert(_:_:of:secretHash:at:in:)",
      tells: "a key of this id is there, but nobody chooses one"
    ) { c, t in
      try keys.insert(
        c.named.keyID, APIKeyDraft(role: .viewer), of: c.caller.account, secretHash: String(repeating: "a", count: 64),
        at: c.now, in: t)
    }
    within("APIKeyRepository.list(of:in:)") { c, t in try keys.list(of: c.caller.account, in: t) }
    within("APIKeyRepository.get(_:of:in:)") { c, t in try keys.get(c.named.keyID, of: c.caller.account, in: t) }
    within("APIKeyRepository.count(of:in:)") { c, t in try keys.count(of: c.caller.account, in: t) }
    within("APIKeyRepository.revoke(_:of:at:in:)") { c, t in
      try keys.revoke(c.named.keyID, of: c.caller.account, at: c.now, in: t)
    }
    within("APIKeyRepository.expire(_:of:at:in:)") { c, t in
      try keys.expire(c.named.keyID, of: c.caller.account, at: c.now, in: t)
    }
    within("APIKeyRepository.state(of:in:)") { c, t in
      let incarnation = try AccountRepository(settings: .standard).incarnation(of: c.caller.account, in: t) ?? ""
      return try keys.state(
        of: Principal(
          keyID: c.named.keyID, accountID: c.caller.account, incarnation: incarnation, role: .viewer), in: t)
    }
    forAll("APIKeyRepository.known(secretHash:in:)", because: "a key says which account it is of")
    within("APIKeyRepository.use(_:of:at:in:)") { c, t in
      try keys.use(c.named.keyID, of: c.caller.account, at: c.now, in: t)
    }
    within("AuditRepository.insert(_:of:in:)") { c, t in
      let entry = AuditEntry(
        id: TimedID(microseconds: 1, random: 1), at: c.now, actor: "test", action: AuditAction.keyRevoked.rawValue,
        subject: c.named.keyID, before: nil, after: nil, line: 99, hash: AuditHead.start.hash)
      try audit.insert(entry, of: c.caller.account, in: t)
    }
    within("AuditRepository.list(of:before:limit:in:)") { c, t in
      try audit.list(of: c.caller.account, before: nil, limit: 10, in: t)
    }
    within("AuditRepository.forEach(of:in:_:)") { c, t in
      var entries: [AuditEntry] = []
      try audit.forEach(of: c.caller.account, in: t) { entries.append($0) }
      return entries
    }
    within("AuditRepository.head(of:locking:in:)") { c, t in
      try audit.head(of: c.caller.account, locking: true, in: t)
    }
    within("AuditRepository.startHead(_:of:in:)") { c, t in
      try audit.startHead(.start, of: c.caller.account, in: t)
    }
    leavesNoTrace("AuditRepository.startHead(_:of:in:)")
    within("AuditRepository.saveHead(_:of:in:)") { c, t in try audit.saveHead(.start, of: c.caller.account, in: t) }
    forAll(
      "AuditRepository.accountsWithoutHead(in:)", "AuditRepository.accounts(in:)",
      because: "the chains of all accounts are begun and checked")
  }
}
