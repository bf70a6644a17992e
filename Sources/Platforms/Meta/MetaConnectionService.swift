import Accounts
import Formats
import Jobs
import RemoteAPIs
import Storage
import Values
import Web

/// Which account is connected with which ad account at Meta, and what may be done there.
package struct MetaConnectionService: Sendable {
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let accounts: AccountService
  private let audit: AuditService
  private let queue: DatabaseJobQueue
  private let clients: MetaClients
  private let objects: AdObjectService
  private let repository = MetaConnectionRepository()
  private let history = InsightSyncRepository()

  /// Jobs go to `queue`, and `clock` returns the current moment.
  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant, accounts: AccountService, audit: AuditService,
    queue: DatabaseJobQueue, clients: MetaClients, objects: AdObjectService
  ) {
    self.database = database
    self.clock = clock
    self.accounts = accounts
    self.audit = audit
    self.queue = queue
    self.clients = clients
    self.objects = objects
  }

  /// Who connects an account with an ad account.
  package enum Authority: Sendable {
    /// The operator of this system, who may use all tokens of the process.
    case systemOperator
    /// An admin of the account, who may not use the token of the process where other accounts use it too.
    case accountAdmin
  }

  /// Connects the account with an ad account, replacing any other, and pushes a sync. Data about another ad account's
  /// campaigns are deleted; figures of ads stay. For the ad account that it is already connected with this only
  /// replaces the token.
  ///
  /// `token` is stored sealed; without one the process's own is used. The ad account belongs to the account once the
  /// token has opened it. Throws a ``MetaConnectionError``, also where there is no key to seal a token with, or an
  /// ``AccountError``.
  package func connect(
    _ account: AccountID, to adAccount: MetaAdAccountID, token: Secret? = nil, as authority: Authority,
    by actor: AuditActor
  ) async throws -> MetaConnection {
    let (source, sealed) = try await source(of: token, for: account, adAccount, authority)
    let connection = try await database.write { [self] transaction -> MetaConnection in
      _ = try accounts.configuration(of: account, in: transaction)
      if let holder = try repository.holder(of: adAccount, in: transaction), holder != account {
        throw Self.taken(adAccount)
      }
      let before = try repository.get(account, in: transaction)
      if before?.adAccount == adAccount {
        try repository.setToken(source, sealedToken: sealed, of: account, at: clock(), in: transaction)
      } else {
        try forgetWhatWasRead(of: account, in: transaction)
        try repository.remove(account, in: transaction)
        try repository.insert(adAccount, source, sealedToken: sealed, of: account, at: clock(), in: transaction)
      }
      try audit.record(
        .metaConnected, of: "\(adAccount)", by: actor, account: account,
        before: before.map { ["ad_account": .string("\($0.adAccount)")] },
        after: ["ad_account": .string("\(adAccount)"), "token": .string(source.rawValue)], in: transaction)
      try queue.push([SyncMetaInsights(accountID: account)], in: transaction)
      return try require(account, in: transaction)
    }
    queue.wake(SyncMetaInsights.queue)
    return connection
  }

  /// Disconnects the account. Its figures stay; the data about campaigns, and a stored token, are deleted. Throws
  /// ``MetaConnectionError/notConnected(_:)``.
  package func disconnect(_ account: AccountID, by actor: AuditActor) async throws {
    try await database.write { [self] transaction in
      let connection = try require(account, in: transaction)
      try forgetWhatWasRead(of: account, in: transaction)
      try repository.remove(account, in: transaction)
      try audit.record(
        .metaDisconnected, of: "\(connection.adAccount)", by: actor, account: account, in: transaction)
    }
  }

  /// Pushes a sync of the account. Throws ``MetaConnectionError/notConnected(_:)``.
  package func orderSync(of account: AccountID) async throws {
    try await database.write { [self] transaction in
      _ = try require(account, in: transaction)
      _ = try queue.push([SyncMetaInsights(accountID: account)], in: transaction)
    }
    queue.wake(SyncMetaInsights.queue)
  }

  /// The account's connection; nil where it has none.
  package func connection(of account: AccountID) async throws -> MetaConnection? {
    try await database.read { [repository] in try repository.get(account, in: $0) }
  }

  /// Throws a ``MetaSyncRefusal`` where the account's connection has changed since `connection` was read: data read
  /// through that must not be stored.
  func requireUnchanged(_ connection: MetaConnection, in transaction: any Transaction) throws {
    let now = try repository.get(connection.accountID, in: transaction)
    guard now?.adAccount == connection.adAccount, now?.connectedAt == connection.connectedAt else {
      throw MetaSyncRefusal.changed
    }
  }

  /// The account's connection as seen by `transaction`; nil where it has none.
  package func connection(of account: AccountID, in transaction: any Transaction) throws -> MetaConnection? {
    try repository.get(account, in: transaction)
  }

  /// The account's connection with the client that reads and changes its ad account; nil where it has none.
  ///
  /// Throws a ``MetaTokenMissing`` that says what to set and where. Through a connection that was never verified data
  /// may be read, but nothing may be changed.
  package func client(of account: AccountID) async throws -> (connection: MetaConnection, client: MetaClient)? {
    let found = try await database.read { [repository] transaction in
      (try repository.get(account, in: transaction), try repository.sealedToken(of: account, in: transaction))
    }
    guard let connection = found.0 else { return nil }
    return (connection, try clients.client(of: connection, sealedToken: found.1))
  }

  /// The state of a connection.
  package struct Status: Sendable {
    /// The connection; nil where there is none.
    package let connection: MetaConnection?
    /// The findings, from the data last read.
    package let findings: [MetaFinding]
    /// How much of the past has been read.
    package let history: InsightHistory
    /// How many campaigns, ad sets and ads exist, by kind.
    package let objects: [AdObject.Kind: Int]
  }

  /// The state of the account's connection, from the data last read. Throws an ``AccountError``.
  package func status(of account: AccountID) async throws -> Status {
    try await database.read { [self] transaction in
      let configuration = try accounts.configuration(of: account, in: transaction)
      let connection = try repository.get(account, in: transaction)
      let existing = try objects.all(of: account, in: transaction).filter(\.exists)
      return Status(
        connection: connection,
        findings: connection.map { MetaFindings.all(of: $0, configuration, at: clock()) } ?? [],
        history: InsightHistory(try history.all(of: account, in: transaction)),
        objects: Dictionary(grouping: existing, by: \.kind).mapValues(\.count))
    }
  }

  /// The state of connections, over all accounts.
  @Sendable package func metrics() async throws -> [Metric] {
    let totals = try await database.read { [repository] in try repository.totals(in: $0) }
    let age = totals.oldest.map { max(0, clock().microseconds - $0.microseconds) / 1_000_000 } ?? 0
    return [
      Metric(
        "geminivideo_meta_connections", .gauge, "Accounts that are connected with Meta.", value: Double(totals.all)),
      Metric(
        "geminivideo_meta_connections_troubled", .gauge, "Connections whose last sync failed.",
        value: Double(totals.troubled)),
      Metric(
        "geminivideo_meta_sync_age_seconds", .gauge,
        "Seconds since the last sync of the connection with the oldest sync.",
        value: Double(age)),
    ]
  }

  private func require(_ account: AccountID, in transaction: any Transaction) throws -> MetaConnection {
    guard let connection = try repository.get(account, in: transaction) else {
      throw MetaConnectionError.notConnected(account)
    }
    return connection
  }

  private func forgetWhatWasRead(of account: AccountID, in transaction: any Transaction) throws {
    try objects.removeAll(of: account, in: transaction)
    try history.removeAll(of: account, in: transaction)
  }

  static func taken(_ adAccount: MetaAdAccountID) -> MetaConnectionError { .taken("\(adAccount)") }

  private static func token(_ value: String, _ rule: String) -> MetaConnectionError {
    .token(FieldProblem(field: "access_token", value: value, rule: rule))
  }

  private func source(
    of token: Secret?, for account: AccountID, _ adAccount: MetaAdAccountID, _ authority: Authority
  ) async throws -> (MetaConnection.TokenSource, sealed: String?) {
    if let token {
      do {
        return (.stored, try clients.seal(token, of: account, adAccount))
      } catch let missing as MetaTokenMissing {
        throw Self.token("not shown", "\(missing)")
      }
    }
    guard let source = clients.source(for: account) else {
      throw Self.token("missing", "\(MetaTokenMissing.notSet("META_ACCESS_TOKEN"))")
    }
    // The process's token may open other customers' ad accounts: only the operator may decide which account gets which.
    if source == .shared, authority == .accountAdmin, try await accounts.all().count > 1 {
      throw Self.token(
        "missing",
        "is required where this system has several accounts; or ask its operator to connect the account with "
          + "geminivideo meta connect")
    }
    return (source, nil)
  }
}
