import Accounts
import Execution
import Formats
import Storage
import Values
import Web

/// What an account's changes are held to, and the switches that stop them.
package struct ExecutionSettingsService: Sendable {
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let sleep: @Sendable (Duration) async throws -> Void
  private let accounts: AccountService
  private let audit: AuditService
  private let repository = ExecutionSettingsRepository()
  private let moves = AdChangeMovesRepository()

  /// Works on `database`; `clock` tells the present moment, and `sleep` waits for writes that are under way.
  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant, accounts: AccountService, audit: AuditService,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.database = database
    self.clock = clock
    self.accounts = accounts
    self.audit = audit
    self.sleep = sleep
  }

  /// An account's settings with the currency of their amounts, and the stop of all accounts.
  package struct State: Sendable {
    package let stored: StoredExecutionSettings
    package let currency: Currency
    package let stopForAll: ExecutionStop?
  }

  /// What the account's changes are held to now. Throws an ``AccountError``.
  package func state(of account: AccountID) async throws -> State {
    try await database.read { [self] in try state(of: account, in: $0) }
  }

  /// That execution is stopped for all accounts; nil where it is not.
  package func stopForAll() async throws -> ExecutionStop? {
    try await database.read { [repository] in try repository.stopForAll(in: $0) }
  }

  private func state(of account: AccountID, in transaction: any Transaction) throws -> State {
    let currency = try accounts.configuration(of: account, in: transaction).currency
    return State(
      stored: try repository.get(of: account, in: currency, in: transaction), currency: currency,
      stopForAll: try repository.stopForAll(in: transaction))
  }

  /// Changes the settings by `changes` and counts their version up.
  ///
  /// Throws an ``ExecutionError`` where the result breaks a rule, or an ``AccountError``.
  package func update(
    _ account: AccountID, by actor: AuditActor, _ changes: [ExecutionSettingsCoding.Change]
  ) async throws -> State {
    try await database.write { [self] transaction in
      let before = try state(of: account, in: transaction)
      var settings = before.stored.settings
      for change in changes { change(&settings) }
      if let problem = settings.problem(in: before.currency) {
        throw ExecutionError.invalid(FieldProblem(field: problem.field, value: problem.value, rule: problem.rule))
      }
      // Stored even where nothing changes: a write needs the row, whose lock a stop takes.
      let version = before.stored.version + (settings == before.stored.settings && before.stored.version > 0 ? 0 : 1)
      try repository.save(
        settings, version: version, of: account, in: before.currency, at: clock(), in: transaction)
      let after = try state(of: account, in: transaction)
      guard version > before.stored.version else { return after }
      try audit.record(
        .executionSettingsChanged, of: "version \(version)", by: actor, account: account,
        before: try Self.value(before), after: try Self.value(after), in: transaction)
      return after
    }
  }

  private static func value(_ state: State) throws -> JSONValue {
    var json = JSONWriter()
    json.object { ExecutionSettingsCoding.write(state.stored, state.currency, to: &$0) }
    return try JSONReader.read(json.bytes) { try $0.readValue() }
  }

  // MARK: Stopping

  /// What a stop came to.
  package struct StopReport: Sendable {
    package let stop: ExecutionStop
    /// Whether this call stopped it; false where it was stopped before.
    package let isNew: Bool
    /// The changes whose writes had left before the stop, and could not be called back, with their objects.
    package let underWay: [(account: AccountID, change: TimedID, object: String)]
  }

  /// How long a write may take from being noted to leaving. Whoever stops waits that long at most.
  static let sendWindow = Duration.milliseconds(500)
  private static let pause = Duration.milliseconds(20)
  /// How long a call that leaves at the last moment may take from its look at the clock to the network, in milliseconds.
  private static let margin: Int64 = 100

  /// Stops all writes for the account, or for all accounts where it is nil, and returns once none can leave any more:
  /// within a second. Writes that had left by then are named: they cannot be called back.
  ///
  /// Throws an ``AccountError``.
  package func stop(
    _ account: AccountID?, by actor: AuditActor, reason: String
  ) async throws -> StopReport {
    let stop = ExecutionStop(at: clock(), by: actor.description, reason: reason.cut(toBytes: 500))
    let isNew = try await database.write(isolation: .readCommitted) { [self] transaction in
      try set(stop, account, in: transaction)
    }
    try await note(.executionStopped, account, by: actor, after: ["reason": .string(stop.reason)], isNew)
    var under = try await underWay(account)
    while let last = under.map(\.sendBy).max(), last.adding(milliseconds: Self.margin) > clock() {
      try await sleep(Self.pause)
      under = try await underWay(account)
    }
    let present = try await database.read { [self] in try standing(account, in: $0) }
    return StopReport(
      stop: present ?? stop, isNew: isNew, underWay: under.map { ($0.account, $0.id, $0.object) })
  }

  /// Lets writes leave again, for the account or for all accounts where it is nil. Returns whether it was stopped.
  ///
  /// Throws an ``AccountError``.
  package func resume(_ account: AccountID?, by actor: AuditActor) async throws -> Bool {
    let before = try await database.read { [self] in try standing(account, in: $0) }
    let isNew = try await database.write { [self] transaction in try set(nil, account, in: transaction) }
    try await note(
      .executionResumed, account, by: actor,
      after: ["stopped_at": .string(before.map { "\($0.at)" } ?? ""), "reason": .string(before?.reason ?? "")], isNew)
    return isNew
  }

  private func set(_ stop: ExecutionStop?, _ account: AccountID?, in transaction: any Transaction) throws -> Bool {
    guard let account else { return try repository.setStopForAll(stop, in: transaction) }
    let currency = try accounts.configuration(of: account, in: transaction).currency
    let stored = try repository.get(of: account, in: currency, in: transaction)
    if stored.version == 0 {
      guard stop != nil else { return false }
      try repository.save(stored.settings, version: 1, of: account, in: currency, at: clock(), in: transaction)
    }
    return try repository.setStop(stop, of: account, in: transaction)
  }

  private func standing(_ account: AccountID?, in transaction: any Transaction) throws -> ExecutionStop? {
    guard let account else { return try repository.stopForAll(in: transaction) }
    return try state(of: account, in: transaction).stored.stop
  }

  private func underWay(
    _ account: AccountID?
  ) async throws -> [(account: AccountID, id: TimedID, object: String, sendBy: Instant)] {
    try await database.read { [moves] in try moves.underWay(of: account, in: $0) }
  }

  /// Notes a switch on the logs of the accounts that it is for, after it was thrown: a stop waits for nothing.
  private func note(
    _ action: AuditAction, _ account: AccountID?, by actor: AuditActor, after: JSONValue, _ isNew: Bool
  ) async throws {
    guard isNew else { return }
    try await database.write { [accounts, audit] transaction in
      let all = try account.map { [$0] } ?? accounts.activeIDs(in: transaction)
      for one in all {
        try audit.record(
          action, of: account?.value ?? "all accounts", by: actor, account: one, after: after, in: transaction)
      }
    }
  }
}
