import Accounts
import Execution
import Formats
import Jobs
import RemoteAPIs
import Storage
import Values
import Web

/// Launches: videos that become paused ads. What is asked for is stored with the job that does it; `LaunchRunner` does
/// one step after the other, each stored before the next.
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

  /// Works on `database`; `clock` tells the present moment, jobs go to `queue`, `live` reaches ad accounts, and `sleep`
  /// waits before bytes are sent again.
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

  /// How many launches one page may have.
  package static let page = 500
  /// How many launches of an account may be under way at once.
  package static let mostOpen = 50
  /// How long launches that have ended are kept, in seconds.
  private static let lifetime: Int64 = 400 * 86_400

  // MARK: Asking for them

  /// Has a video become a paused ad. Nothing is sent before this returns.
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

  /// The stamp of a file that is to be launched. Throws a ``LaunchError`` that names `field`.
  package static func stamp(of path: String, field: String) throws(LaunchError) -> FileStamp {
    do {
      return try FileStamp(of: path)
    } catch {
      throw .file(FieldProblem(field: field, value: path, rule: "must be a file that can be read: \(error.message)"))
    }
  }

  /// Has a launch go on where it stopped. One that is under way already is only looked after again.
  ///
  /// Throws a ``LaunchError``, also where its ad is there.
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
        // What was sent and never answered has to be looked for still.
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

  // MARK: Looking at them

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

  /// A launch whose reviewers have just been asked; as it is stored where its ad is not there yet.
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

  // MARK: Doing them

  /// Does the job: as much as can be done now. What is left to do comes back as a job of its own.
  @Sendable package func run(_ job: RunLaunch, _ context: JobContext) async throws -> JobReport? {
    guard let id = TimedID(job.launchID) else { return JobReport("\(job.launchID) is no launch") }
    return JobReport(try await run(id, of: job.accountID, isLastAttempt: context.isLastAttempt))
  }

  /// How long steps are begun, in seconds.
  private static let workTime: Int64 = 600

  /// Does what can be done now of a launch, and says how far it has come.
  ///
  /// Throws a ``MetaJobError`` where Meta does not let it go on now; after the last attempt the launch has failed instead.
  func run(_ id: TimedID, of account: AccountID, isLastAttempt: Bool = false) async throws -> String {
    guard let launch = try await take(id, of: account) else { return "launch \(id) is not there any more" }
    guard launch.state != .failed else { return "launch \(id) has failed: it goes on once somebody retries it" }
    let deadline = clock().adding(seconds: Self.workTime)
    var runner = LaunchRunner(service: self, launch: launch)
    do {
      try await runner.reach()
      while try await runner.step() {
        if clock() >= deadline { throw LaunchHalt.waits(until: clock(), "more is to be done") }
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

  /// Stores why a launch does not go on now.
  private func note(_ error: MetaError, _ launch: Launch) async throws {
    try await database.write { [self] transaction in
      var launch = launch
      launch.problem = "\(error)"
      _ = try repository.save(launch, in: transaction)
    }
  }

  private func settle(_ halt: LaunchHalt, _ launch: Launch) async throws -> String {
    switch halt {
    case .superseded: return "launch \(launch.id) goes on elsewhere"
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
      return "launch \(launch.id) is \(launch.state.rawValue), and what reviewers say cannot be read: \(reason)"
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

  // MARK: What both need

  /// Takes a launch from whoever worked on it; nil where there is none.
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

  /// What reaches the account's ad account. Throws ``LaunchError/adAccount(_:)``.
  func client(of account: AccountID) async throws -> MetaClient {
    do {
      return try await live.client(account)
    } catch let error as LiveAccountError {
      throw LaunchError.adAccount("\(error)")
    }
  }

  /// Why nothing may be written for the account now; nil where it may. The answer holds until the transaction ends.
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
  /// Whether no attempt comes after this one: those that wait for Meta do not count.
  fileprivate func ends(onLastAttempt isLast: Bool) -> Bool {
    switch verdict {
    case .retry: isLast
    case .discard: true
    case .pauseAccount: false
    }
  }
}
