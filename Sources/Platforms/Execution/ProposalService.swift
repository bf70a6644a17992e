import Accounts
import Execution
import Jobs
import Measurement
import Storage
import Values
import Web

/// Turns the wishes of decisions and rules into proposals, within the account's limits.
package struct ProposalService: Sendable {
  private let database: any Database
  private let accounts: AccountService
  private let ads: AdService
  private let queue: DatabaseJobQueue
  private let log: ChangeLog
  private let settings = ExecutionSettingsRepository()

  /// `clock` returns the current moment, and jobs go to `queue`.
  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant, accounts: AccountService, ads: AdService,
    queue: DatabaseJobQueue
  ) {
    self.database = database
    self.accounts = accounts
    self.ads = ads
    self.queue = queue
    log = ChangeLog(clock: clock)
  }

  /// What should be proposed.
  struct Wish: Sendable {
    var split: DecidedSplit?
    var decisionID: String?
    var wanted: [WantedChange] = []
    /// Refusals from before the plan was made.
    var refusals: [RefusalRecord] = []
    var note = ""
    var author = AuditActor.system
    /// Whether ad sets that spend money today without results are stopped as well.
    var stopsSameDay = false
    /// Unapproved proposals of these origins are replaced.
    var replaced: [ChangeOrigin] = []
    /// Whether a batch is stored even where nothing is proposed and nothing refused.
    var isKeptEmpty = false
  }

  /// Proposals that were stored together.
  package struct Proposed: Sendable {
    package let batch: ChangeBatch
    package let changes: [PendingAdChange]
    package let currency: Currency
  }

  /// Plans the wish for the account as in `reading`, and stores the proposals and refusals. In the mode `automatic`
  /// proposals are approved at once; the limits are checked again when they are applied.
  ///
  /// Returns nil where there was nothing to propose or refuse.
  func propose(_ wish: Wish, of account: AccountID, _ reading: LiveReading) async throws -> Proposed? {
    let proposed = try await database.write { [self] in try propose(wish, of: account, reading, in: $0) }
    if proposed?.changes.isEmpty == false { queue.wake(ApplyAdChanges.queue) }
    return proposed
  }

  private func propose(
    _ wish: Wish, of account: AccountID, _ reading: LiveReading, in transaction: any Transaction
  ) throws -> Proposed? {
    let configuration = try accounts.configuration(of: account, in: transaction)
    let currency = configuration.currency
    let repository = AdChangeRepository(currency)
    let stored = try settings.get(of: account, in: currency, in: transaction)
    for id in try log.moves.proposed(of: account, from: wish.replaced, in: transaction) {
      _ = try log.end(
        id, of: account, as: .expired, by: "system", because: "a newer proposal replaces it", in: transaction)
    }
    let now = log.clock()
    let past = max(Int64(stored.settings.learningCooldownMinutes) * 60, 2 * 86_400)
    let live = LiveAccount(
      reading.objects, paces: LiveAccount.paces(try ads.paces(of: account, configuration, at: now, in: transaction)))
    let checker = LimitChecker(
      settings: stored.settings, currency: currency, account: live,
      ledger: WriteLedger(
        try repository.writes(of: account, since: now.adding(seconds: -past), in: transaction)),
      moment: AccountMoment(now, try configuration.calendar), platformMinimum: reading.platformMinimum)
    let sameDay = wish.stopsSameDay ? SameDayStop.wanted(in: live, stored.settings, currency) : []
    let plan = ChangePlanner.plan(
      PlanRequest(
        split: wish.split, wanted: sameDay + wish.wanted,
        open: try repository.openTargets(of: account, in: transaction)), checker)
    let refusals =
      wish.refusals
      + plan.refusals.map {
        RefusalRecord(object: $0.object.value, code: $0.code.name, text: $0.text)
      }
    guard wish.isKeptEmpty || !plan.changes.isEmpty || !refusals.isEmpty else { return nil }
    var batch = ChangeBatch(
      id: log.newID(), madeAt: now, madeBy: wish.author.description, decisionID: wish.decisionID,
      totalBudget: wish.split?.total)
    batch.changes = plan.changes.count
    batch.note = ([wish.note] + Self.notes(stored.settings)).filter { !$0.isEmpty }.joined(separator: "; ")
    batch.refusals = refusals
    try repository.insert(batch, of: account, in: transaction)
    let isStopped = try stored.stop != nil || settings.stopForAll(in: transaction) != nil
    let approves = stored.settings.mode == .automatic && !isStopped
    let changes = try plan.changes.map { change in
      try store(change, batch, approves, of: account, repository, in: transaction)
    }
    if approves, !changes.isEmpty { try queue.push([ApplyAdChanges(accountID: account)], in: transaction) }
    return Proposed(batch: batch, changes: changes, currency: currency)
  }

  private func store(
    _ change: ProposedChange, _ batch: ChangeBatch, _ approves: Bool, of account: AccountID,
    _ repository: AdChangeRepository, in transaction: any Transaction
  ) throws -> PendingAdChange {
    let draft = AdChangeDraft(change, id: log.newID(), batch: batch)
    try repository.insert(draft, of: account, in: transaction)
    try log.append(
      .proposed, to: draft.id, of: account, by: batch.madeBy, state: .proposed, detail: draft.reason, in: transaction)
    if approves { _ = try log.approve(draft.id, of: account, by: PendingAdChange.automatic, in: transaction) }
    guard let stored = try repository.get(draft.id, of: account, in: transaction) else {
      throw DatabaseError.failed("change \(draft.id) was not stored")
    }
    return stored
  }

  /// Notes on proposals that cannot be applied at the moment.
  private static func notes(_ settings: ExecutionSettings) -> [String] {
    let missing = settings.missingAmounts
    return [
      settings.mode == .observe ? "the account's mode is observe: nothing of this is written" : "",
      missing.isEmpty ? "" : "these amounts are not set, and limit nothing here: \(missing.joined(separator: ", "))",
    ]
  }
}
