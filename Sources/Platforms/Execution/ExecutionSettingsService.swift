import Accounts
import Execution
import Formats
import Storage
import Values
import Web

/// An account's execution settings, and the switches that stop its changes.
package struct ExecutionSettingsService: Sendable {
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let sleep: @Sendable (Duration) async throws -> Void
  private let accounts: AccountService
  private let audit: AuditService
  private let repository = ExecutionSettingsRepository()
  private let moves = AdChangeMovesRepository()

  /// `clock` returns the current moment, and `sleep` waits for writes in progress.
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

  /// The account's current execution settings. Throws an ``AccountError``.
  package func state(of account: AccountID) async throws -> State {
    try await database.read { [self] in try state(of: account, in: $0) }
  }

  /// The stop of all accounts; nil where they are not stopped.
  package func stopForAll() async throws -> ExecutionStop? {
    try await database.read { [repository] in try repository.stopForAll(in: $0) }
  }

  private func state(of account: AccountID, in transaction: any Transaction) throws -> State {
    let currency = try accounts.configuration(of: account, in: transaction).currency
    return State(
      stored: try repository.get(of: account, in: currency, in: transaction), currency: currency,
      stopForAll: try repository.stopForAll(in: transaction))
  }

  /// Applies `changes` to the settings and increments their version.
  ///
  /// Throws an ``ExecutionError`` where the result violates a rule, or an ``AccountError``.
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
      // Stored even where nothing changes: a write needs the row, which a stop locks.
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

  /// The result of a stop.
  package struct StopReport: Sendable {
    package let stop: ExecutionStop
    /// Whether this call stopped it; false where it was stopped before.
    package let isNew: Bool
    /// The changes whose writes were sent before the stop, and could not be cancelled, with their objects.
    package let underWay: [(account: AccountID, change: TimedID, object: String)]
  }

  /// The longest time between recording a write and sending it, and so the longest time that a stop waits.
  static let sendWindow = Duration.milliseconds(500)
  private static let pause = Duration.milliseconds(20)
  /// Milliseconds reserved for a call that is sent at the last moment, from reading the clock to the network.
  private static let margin: Int64 = 100

  /// Stops all writes for the account, or for all accounts where it is nil, and returns once none can be sent any more:
  /// within a second. Writes that were already sent are returned: they cannot be cancelled.
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

  /// Allows writes again, for the account or for all accounts where it is nil. Returns whether it was stopped.
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

  /// Records a switch in the logs of the accounts that it concerns, after it was set, because a stop must not wait.
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
