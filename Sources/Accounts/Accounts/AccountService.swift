import Formats
import Storage
import Values
import Web

/// Accounts and their configurations.
package struct AccountService: Sendable {
  package let settings: AccountSettings
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let audit: AuditService
  private let repository: AccountRepository
  private let history: ConfigurationHistoryRepository
  private let configurations = ExpiringCache<AccountID, AccountConfiguration>()
  private let inTurns = ConfigurationCache()

  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant, audit: AuditService,
    settings: AccountSettings = .standard
  ) {
    self.settings = settings
    repository = AccountRepository(settings: settings)
    history = ConfigurationHistoryRepository(settings: settings)
    self.database = database
    self.clock = clock
    self.audit = audit
  }

  /// Creates an account with the default configuration in `currency` and `timezone`.
  ///
  /// Throws an ``AccountError`` where it exists already, a ``ConfigurationError`` where the time zone is unknown.
  package func create(
    _ account: AccountID, currency: Currency = .usd, timezone: String = "UTC", by actor: AuditActor = .system
  ) async throws {
    let configuration = AccountConfiguration(currency: currency, timezone: timezone)
    if let problem = configuration.problem { throw ConfigurationError.invalid(problem) }
    do {
      try await database.write { [self] transaction in
        try repository.create(account, configuration, at: clock(), in: transaction)
        try history.append(configuration, of: account, at: clock(), by: actor.description, in: transaction)
        try audit.record(
          .accountCreated, of: account.value, by: actor, account: account,
          after: ["currency": .string(currency.code), "timezone": .string(timezone)], in: transaction)
      }
    } catch DatabaseError.uniqueViolation {
      throw AccountError.exists(account)
    }
    forget(account)
  }

  /// All accounts, by name.
  package func all() async throws -> [Account] {
    try await database.read { [repository] in try repository.all(in: $0) }
  }

  /// The names of the accounts that are not disabled, as seen by `transaction`.
  package func activeIDs(in transaction: any Transaction) throws -> [AccountID] {
    try repository.activeIDs(in: transaction)
  }

  /// The accounts that are not disabled, each with its time zone. One whose configuration cannot be read gets UTC: its
  /// jobs report what is wrong with it.
  package func activeTimezones(in transaction: any Transaction) throws -> [AccountID: String] {
    try repository.activeTimezones(in: transaction)
  }

  /// How long each account's decisions are kept, by account.
  package func decisionRetentions(in transaction: any Transaction) throws -> [(AccountID, DecisionRetention)] {
    try AccountRowsRepository().decisionRetentions(in: transaction)
  }

  /// The account's configuration, at most a second old. Throws ``AccountError/unknown(_:)``.
  package func configuration(of account: AccountID) async throws -> AccountConfiguration {
    try await configurations.value(of: account, at: clock()) {
      try await database.read { [self] in try configuration(of: account, in: $0) }
    }
  }

  /// Runs `body` in a transaction once all earlier ones that change the account's ads, deals, credits or configuration
  /// have ended, in whatever process, and passes it the configuration as they left it.
  ///
  /// Each of them changes sums that the others change too: run concurrently they would conflict again and again. A
  /// configuration read before this may be outdated by then, so whatever depends on the account's configuration is
  /// written here. Throws ``AccountError/unknown(_:)``.
  package func write<Result: Sendable>(
    inTurnOf account: AccountID,
    _ body: @escaping @Sendable (AccountConfiguration, any Transaction) throws -> Result
  ) async throws -> Result {
    try await database.write(inTurnOf: account.value) { [self] transaction in
      try body(committedConfiguration(of: account, in: transaction), transaction)
    }
  }

  /// The configuration as seen by `transaction`, which has changed nothing yet. Only its version is read where this
  /// process has seen that version before. Throws ``AccountError/unknown(_:)``.
  private func committedConfiguration(
    of account: AccountID, in transaction: any Transaction
  ) throws -> AccountConfiguration {
    guard let edition = try repository.edition(of: account, in: transaction) else {
      throw AccountError.unknown(account)
    }
    if let known = inTurns[account, edition] { return known }
    let read = try configuration(of: account, in: transaction)
    inTurns.keep(read, of: account, edition)
    return read
  }

  /// Runs a job's work so that each of its writes proves that the account is still the incarnation it began with.
  /// Throws ``AccountError/gone(_:)``.
  package func inIncarnation<Result: Sendable>(
    of account: AccountID, _ work: @Sendable () async throws -> Result
  ) async throws -> Result {
    let begun = try await database.read { [repository] in try repository.incarnation(of: account, in: $0) }
    guard let begun else { throw AccountError.gone(account) }
    let scope = AccountScope.account(account) { [repository] transaction in
      guard try repository.incarnation(of: account, holding: true, in: transaction) == begun else {
        throw AccountError.gone(account)
      }
    }
    return try await AccountScope.$current.withValue(scope) { try await work() }
  }

  /// Changes the configuration by `change` and increments its version; `figures` are updated in the same transaction.
  ///
  /// Throws a ``ConfigurationError`` where the current version is not one of `versions`, the result violates a rule, or
  /// the currency is to change although amounts are stored, and what `figures` throw.
  package func update(
    _ account: AccountID, figures: any AccountValuation, by actor: AuditActor = .system,
    ifVersion versions: Set<Int>? = nil,
    _ change: @escaping Setting.Change
  ) async throws -> AccountConfiguration {
    let changed = try await database.write(inTurnOf: account.value) { [self] transaction in
      try apply(change, to: account, figures, by: actor, ifVersion: versions, in: transaction)
    }
    forget(account)
    return changed.after
  }

  /// Returns what ``update(_:figures:by:ifVersion:_:)`` would do, without changing anything. Throws what that throws.
  package func preview(
    _ account: AccountID, figures: any AccountValuation, ifVersion versions: Set<Int>? = nil,
    _ change: @escaping Setting.Change
  ) async throws -> ConfigurationPreview {
    do {
      return try await database.write(inTurnOf: account.value) { [self] transaction in
        let worths = try figures.pipelineValues(of: account, in: transaction)
        let changed = try apply(change, to: account, figures, by: .system, ifVersion: versions, in: transaction)
        let ads = try figures.pipelineValues(of: account, in: transaction).sorted { $0.key < $1.key }
          .map { (adID: $0.key, before: worths[$0.key] ?? .zero, after: $0.value) }
          .filter { $0.before != $0.after }
        // Thrown to make the transaction roll back.
        throw Previewed(
          preview: ConfigurationPreview(
            before: changed.before, changes: try settings.differences(changed.before, changed.after), ads: ads))
      }
    } catch let previewed as Previewed {
      return previewed.preview
    }
  }

  private struct Previewed: Error {
    let preview: ConfigurationPreview
  }

  private func apply(
    _ change: (inout AccountConfiguration) -> Void, to account: AccountID, _ figures: any AccountValuation,
    by actor: AuditActor, ifVersion versions: Set<Int>?, in transaction: any Transaction
  ) throws -> (before: AccountConfiguration, after: AccountConfiguration) {
    try repository.lockConfiguration(of: account, in: transaction)
    let before = try configuration(of: account, in: transaction)
    if let versions, !versions.contains(before.version) {
      throw ConfigurationError.changed(version: before.version)
    }
    var after = before
    change(&after)
    if let problem = after.problem { throw ConfigurationError.invalid(problem) }
    if after.currency != before.currency, try figures.hasAmounts(of: account, in: transaction) {
      throw ConfigurationError.currencyInUse(account, before.currency, wanted: after.currency)
    }
    guard after != before else { return (before, before) }
    after.version = before.version + 1
    try repository.save(after, of: account, at: clock(), in: transaction)
    try history.append(after, of: account, at: clock(), by: actor.description, in: transaction)
    let changes = try settings.differences(before, after)
    try audit.record(
      .configurationChanged, of: "version \(after.version)", by: actor, account: account,
      before: .object(JSONObject(changes.map { (key: $0.name, value: $0.before) })),
      after: .object(JSONObject(changes.map { (key: $0.name, value: $0.after) })), in: transaction)
    if after.stages != before.stages { try figures.revalue(account, after, in: transaction) }
    try AccountRepository.announceChange(of: account, in: transaction)
    return (before, after)
  }

  /// The most versions on one page.
  package static let versionPage = 500

  /// The account's versions, newest first: at most `limit` of those before `version`.
  package func versions(
    of account: AccountID, before version: Int? = nil, limit: Int = 100
  ) async throws -> [ConfigurationVersion] {
    try await database.read { [history] in
      try history.list(of: account, before: version, limit: min(max(limit, 1), Self.versionPage), in: $0)
    }
  }

  /// A version of the configuration, as in answers. Throws ``ConfigurationError/unknownVersion(_:_:)``.
  package func version(
    _ version: Int, of account: AccountID
  ) async throws -> (version: ConfigurationVersion, configuration: JSONValue) {
    guard let stored = try await database.read({ [history] in try history.get(version, of: account, in: $0) }) else {
      throw ConfigurationError.unknownVersion(version, account)
    }
    return stored
  }

  /// Adds current configurations to the history that are older than the history itself.
  package func completeHistory() async throws {
    guard try await !database.read({ [history] in try history.unrecorded(in: $0) }).isEmpty else { return }
    try await database.write { [self] transaction in
      for (account, since) in try history.unrecorded(in: transaction) {
        try history.append(
          try configuration(of: account, in: transaction), of: account, at: since, by: "unknown", in: transaction)
      }
    }
  }

  /// The channel on which a database that sends notifications names the accounts whose row, configuration or keys were
  /// changed.
  package static let channel = "accounts"

  /// Drops the cached data of an account, or of all accounts for nil.
  package func forget(_ account: AccountID?) {
    configurations.forget { id, _ in account.map { $0 == id } ?? true }
  }

  /// The configuration as seen by `transaction`. Throws ``AccountError/unknown(_:)``.
  package func configuration(of account: AccountID, in transaction: any Transaction) throws -> AccountConfiguration {
    guard let configuration = try repository.configuration(of: account, in: transaction) else {
      throw AccountError.unknown(account)
    }
    return configuration
  }
}
