import Accounts
import Execution
import Formats
import Jobs
import RemoteAPIs
import Storage
import Values
import Web

/// Launches: videos that become paused ads. A request is stored with the job for it; `LaunchRunner` does one step after
/// the other, each stored before the next.
package struct LaunchService: Sendable {
  let database: any Database
  let clock: @Sendable () -> Instant
  let sleep: @Sendable (Duration) async throws -> Void
  let accounts: AccountService
  let queue: DatabaseJobQueue
  let audit: AuditService
  let live: LiveAccounts
  let repository = LaunchRepository()
  private let settings = ExecutionSettingsRepository()
  private let ids = TimedIDMaker()

  /// `clock` returns the current moment, jobs go to `queue`, `live` reaches ad accounts, and `sleep` waits before bytes
  /// are sent again.
  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant, accounts: AccountService, queue: DatabaseJobQueue,
    audit: AuditService, live: LiveAccounts,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.database = database
    self.clock = clock
    self.sleep = sleep
    self.accounts = accounts
    self.queue = queue
    self.audit = audit
    self.live = live
  }

  /// The most launches on one page.
  package static let page = 500
  /// The most launches of an account that may be in progress at once.
  package static let mostOpen = 50
  /// How long launches that have ended are kept, in seconds.
  private static let lifetime: Int64 = 400 * 86_400

  // MARK: Requesting

  /// Turns a video into a paused ad. Nothing is sent before this returns.
  ///
  /// Throws a ``LaunchError``, also where the account's ad account is not connected or not verified, or an
  /// ``AccountError``.
  package func start(_ order: LaunchOrder, of account: AccountID, by actor: AuditActor) async throws -> Launch {
    let client = try await client(of: account)
    let launch = try await database.write { [self] transaction -> Launch in
      let configuration = try accounts.configuration(of: account, in: transaction)
      let parameters = configuration.crm.adURLParameters
      let problems = order.problems(adParameters: parameters)
      guard problems.isEmpty else { throw LaunchError.invalid(problems) }
      guard let tags = LaunchTags.text(parameters) else { throw LaunchError.untraceable(account) }
      guard try settings.get(of: account, in: configuration.currency, in: transaction).settings.mode != .observe else {
        throw LaunchError.observing(account)
      }
      guard try repository.countOpen(of: account, in: transaction) < Self.mostOpen else {
        throw LaunchError.tooMany(limit: Self.mostOpen)
      }
      let now = clock()
      let launch = Launch(
        id: ids.next(at: now), accountID: account, adAccount: client.adAccount, order: order, urlTags: tags,
        requestedAt: now, requestedBy: actor.description)
      try repository.insert(launch, in: transaction)
      try audit.record(
        .launchRequested, of: launch.id.description, by: actor, account: account,
        after: [
          "name": .string(order.name), "ad_set": .string(order.adSetID.value), "page": .string(order.pageID.value),
          "link": .string(order.link),
        ], in: transaction)
      try queue.push([RunLaunch(accountID: account, launchID: launch.id)], in: transaction)
      return launch
    }
    queue.wake(RunLaunch.queue)
    return launch
  }

  /// The stamp of a file to be launched. Throws a ``LaunchError`` that names `field`.
  package static func stamp(of path: String, field: String) throws(LaunchError) -> FileStamp {
    do {
      return try FileStamp(of: path)
    } catch {
      throw .file(FieldProblem(field: field, value: path, rule: "must be a file that can be read: \(error.message)"))
    }
  }

  /// Continues a launch where it stopped. For one in progress this only wakes its job.
  ///
  /// Throws a ``LaunchError``, also where its ad exists.
  package func retry(_ id: TimedID, of account: AccountID, by actor: AuditActor) async throws -> Launch {
    let launch = try await database.write { [self] transaction -> Launch in
      guard try repository.take(id, of: account, in: transaction) else { throw LaunchError.unknown(id, account) }
      var launch = try require(id, of: account, in: transaction)
      guard launch.state != .launched else { throw LaunchError.done(id) }
      if let state = launch.resumeState {
        launch.resumeState = nil
        launch.uploads = 0
        let sentAt = launch.sentAt
        launch.move(to: state, at: clock())
        // A call that was sent and never answered must still be looked for.
        launch.sentAt = sentAt
        guard try repository.save(launch, in: transaction) else { throw LaunchError.unknown(id, account) }
        try audit.record(
          .launchRetried, of: id.description, by: actor, account: account, after: ["state": .string(state.rawValue)],
          in: transaction)
      }
      try queue.push([RunLaunch(accountID: account, launchID: id)], in: transaction)
      return launch
    }
    queue.wake(RunLaunch.queue)
    return launch
  }

  // MARK: Reading

  /// The account's launches, latest first. Throws an ``AccountError`` where there is no such account.
  package func list(_ filter: LaunchFilter, of account: AccountID) async throws -> [Launch] {
    try await database.read { [self] transaction in
      _ = try accounts.configuration(of: account, in: transaction)
      var filter = filter
      filter.limit = min(max(filter.limit, 1), Self.page)
      return try repository.list(filter, of: account, in: transaction)
    }
  }

  /// A launch. Throws a ``LaunchError`` where there is none.
  package func launch(_ id: TimedID, of account: AccountID) async throws -> Launch {
    try await database.read { [self] in try require(id, of: account, in: $0) }
  }

  /// A launch with the current result of its review; as stored where its ad does not exist yet.
  ///
  /// Throws a ``LaunchError`` or a ``MetaError``.
  package func reviewed(_ id: TimedID, of account: AccountID) async throws -> Launch {
    let launch = try await launch(id, of: account)
    guard let ad = launch.adID else { return launch }
    let review = LaunchReview(try await client(of: account).review(ofAd: ad), at: clock())
    return try await database.write { [self] transaction in
      var launch = try require(id, of: account, in: transaction)
      launch.review = review
      _ = try repository.save(launch, in: transaction)
      return launch
    }
  }

  /// Removes launches that ended long ago, at most `limit`; returns how many.
  @Sendable func removeEnded(limit: Int) async throws -> Int {
    let moment = clock().adding(seconds: -Self.lifetime)
    return try await database.write { [repository] in
      try repository.removeEnded(before: moment, limit: limit, in: $0)
    }
  }

  // MARK: Running

  /// Does the job, as far as possible now. What remains is done by another job.
  @Sendable package func run(_ job: RunLaunch, _ context: JobContext) async throws -> JobReport? {
    guard let id = TimedID(job.launchID) else { return JobReport("\(job.launchID) is no launch") }
    return JobReport(try await run(id, of: job.accountID, isLastAttempt: context.isLastAttempt))
  }

  /// For how long new steps are started, in seconds.
  private static let workTime: Int64 = 600

  /// Does what can be done for a launch now, and reports its progress.
  ///
  /// Throws a ``MetaJobError`` where Meta does not allow it to continue now; on the last attempt the launch fails
  /// instead.
  func run(_ id: TimedID, of account: AccountID, isLastAttempt: Bool = false) async throws -> String {
    guard let launch = try await take(id, of: account) else { return "launch \(id) does not exist any more" }
    guard launch.state != .failed else { return "launch \(id) has failed: it continues once somebody retries it" }
    let deadline = clock().adding(seconds: Self.workTime)
    var runner = LaunchRunner(service: self, launch: launch)
    do {
      try await runner.reach()
      while try await runner.step() {
        if clock() >= deadline { throw LaunchHalt.waits(until: clock(), "there is more to do") }
      }
      return "launch \(id): \(runner.launch.review?.advice ?? "done")"
    } catch let halt as LaunchHalt {
      return try await settle(halt, runner.launch)
    } catch let error as MetaError {
      let jobError = MetaJobError(error, now: clock())
      guard !jobError.ends(onLastAttempt: isLastAttempt) else {
        return try await settle(.failed("\(error)", resume: runner.launch.state), runner.launch)
      }
      try await note(error, runner.launch)
      throw jobError
    }
  }

  /// Stores why a launch does not continue now.
  private func note(_ error: MetaError, _ launch: Launch) async throws {
    try await database.write { [self] transaction in
      var launch = launch
      launch.problem = "\(error)"
      _ = try repository.save(launch, in: transaction)
    }
  }

  private func settle(_ halt: LaunchHalt, _ launch: Launch) async throws -> String {
    switch halt {
    case .superseded: return "launch \(launch.id) is being continued by another worker"
    case .waits(let until, let reason):
      try await database.write { [self] transaction in
        var launch = launch
        launch.problem = launch.state.isOpen ? reason : launch.problem
        guard try repository.save(launch, in: transaction) else { return }
        try queue.push(
          [RunLaunch(accountID: launch.accountID, launchID: launch.id)], PushOptions(runAt: until), in: transaction)
      }
      queue.wake(RunLaunch.queue)
      return "launch \(launch.id) is \(launch.state.rawValue): \(reason)"
    case .failed(let reason, _) where !launch.state.isOpen:
      return "launch \(launch.id) is \(launch.state.rawValue), and the review cannot be read: \(reason)"
    case .failed(let reason, let resume):
      try await database.write { [self] transaction in
        var launch = launch
        let sentAt = launch.sentAt
        launch.move(to: .failed, at: clock())
        (launch.sentAt, launch.problem, launch.resumeState) = (sentAt, reason, resume)
        guard try repository.save(launch, in: transaction) else { return }
        try audit.record(
          .launchEnded, of: launch.id.description, by: .system, account: launch.accountID,
          after: ["state": "failed", "reason": .string(reason)], in: transaction)
      }
      return "launch \(launch.id) has failed: \(reason)"
    }
  }

  // MARK: Helpers

  /// Takes a launch over from whoever worked on it; nil where it does not exist.
  private func take(_ id: TimedID, of account: AccountID) async throws -> Launch? {
    try await database.write { [self] transaction in
      guard try repository.take(id, of: account, in: transaction) else { return nil }
      return try repository.get(id, of: account, in: transaction)
    }
  }

  private func require(_ id: TimedID, of account: AccountID, in transaction: any Transaction) throws -> Launch {
    guard let launch = try repository.get(id, of: account, in: transaction) else {
      throw LaunchError.unknown(id, account)
    }
    return launch
  }

  /// The client of the account's ad account. Throws ``LaunchError/adAccount(_:)``.
  func client(of account: AccountID) async throws -> MetaClient {
    do {
      return try await live.client(account)
    } catch let error as LiveAccountError {
      throw LaunchError.adAccount("\(error)")
    }
  }

  /// Why writing is not allowed for the account now; nil where it is. The result is valid until the transaction ends.
  func obstacle(to account: AccountID, in transaction: any Transaction) throws -> String? {
    let currency = try accounts.configuration(of: account, in: transaction).currency
    let stored = try settings.get(of: account, in: currency, locking: true, in: transaction)
    if let stop = try settings.stopForAll(locking: true, in: transaction) ?? stored.stop {
      return "execution is stopped: \(stop.text)"
    }
    return stored.settings.mode == .observe ? "the account's mode is observe, in which nothing is written" : nil
  }
}

extension MetaJobError {
  /// Whether no further attempt follows: attempts that wait for Meta do not count.
  fileprivate func ends(onLastAttempt isLast: Bool) -> Bool {
    switch verdict {
    case .retry: isLast
    case .discard: true
    case .pauseAccount: false
    }
  }
}
