import Crypto
import Formats
import Storage
import Values
import Web

/// Creates, revokes and verifies API keys. Only a key's hash is stored.
package struct APIKeyService: Authenticator {
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let audit: AuditService
  private let repository = APIKeyRepository()
  private let known = ExpiringCache<String, KnownKey>()
  private let buckets = RequestBuckets()
  private let uses = KeyUses()

  package init(database: any Database, clock: @escaping @Sendable () -> Instant, audit: AuditService) {
    self.database = database
    self.clock = clock
    self.audit = audit
  }

  /// Removes up to `limit` keys, over all accounts, that were revoked or expired 400 days ago or earlier; returns how
  /// many.
  package func removeEnded(limit: Int) async throws -> Int {
    let start = clock().adding(seconds: -400 * 86_400)
    return try await database.write { [repository] in
      try repository.removeEnded(before: start, limit: limit, in: $0)
    }
  }

  /// Creates a key with `role` for `account` and returns its text, which is never shown again.
  ///
  /// Throws ``AccountError/unknown(_:)``.
  package func create(for account: AccountID, role: Role) async throws -> String {
    try await create(APIKeyDraft(role: role), for: account, by: .system).token
  }

  /// Creates a key for `account`. Throws ``AccountError/unknown(_:)``, or an ``APIKeyError`` where the account has too
  /// many keys or the name is too long or violates the rule of ``PlainText``.
  package func create(
    _ draft: APIKeyDraft, for account: AccountID, by actor: AuditActor
  ) async throws -> NewAPIKey {
    guard draft.name.count <= APIKey.nameLimit else {
      throw APIKeyError.invalid(
        FieldProblem(field: "name", value: draft.name, rule: "must have at most \(APIKey.nameLimit) characters"))
    }
    guard PlainText.holds(draft.name) else {
      throw APIKeyError.invalid(FieldProblem(field: "name", value: draft.name, rule: PlainText.rule))
    }
    let made = NewAPIKey()
    do {
      try await database.write { [self] in try insert(made, draft, for: account, by: actor, in: $0) }
    } catch DatabaseError.foreignKeyViolation {
      throw AccountError.unknown(account)
    }
    return made
  }

  private func insert(
    _ made: NewAPIKey, _ draft: APIKeyDraft, for account: AccountID, by actor: AuditActor,
    in transaction: any Transaction
  ) throws {
    guard try repository.count(of: account, in: transaction) < APIKey.countLimit else {
      throw APIKeyError.tooMany(account)
    }
    try repository.insert(
      made.id, draft, of: account, secretHash: Self.hash(made.token), at: clock(), in: transaction)
    let expiresAt = draft.expiresAt.map { JSONValue.string("\($0)") } ?? .null
    try audit.record(
      .keyCreated, of: made.id, by: actor, account: account,
      after: ["role": .string(draft.role.rawValue), "name": .string(draft.name), "expires_at": expiresAt],
      in: transaction)
  }

  /// The account's keys, oldest first, including revoked and expired ones.
  package func list(of account: AccountID) async throws -> [APIKey] {
    try await database.read { [repository] in try repository.list(of: account, in: $0) }
  }

  /// A key of the account. Throws ``APIKeyError/unknown(_:)``.
  package func key(_ id: String, of account: AccountID) async throws -> APIKey {
    try await database.read { [self] in try key(id, of: account, in: $0) }
  }

  private func key(_ id: String, of account: AccountID, in transaction: any Transaction) throws -> APIKey {
    guard let key = try repository.get(id, of: account, in: transaction) else {
      throw APIKeyError.unknown(id)
    }
    return key
  }

  /// Revokes a key: it is refused within a second. One that is already revoked stays as it is.
  ///
  /// Throws ``APIKeyError/unknown(_:)``.
  package func revoke(_ id: String, of account: AccountID, by actor: AuditActor) async throws -> APIKey {
    let revoked = try await database.write { [self] transaction in
      let before = try key(id, of: account, in: transaction)
      guard before.revokedAt == nil else { return before }
      try repository.revoke(id, of: account, at: clock(), in: transaction)
      try AccountRepository.announceChange(of: account, in: transaction)
      try audit.record(.keyRevoked, of: id, by: actor, account: account, in: transaction)
      return try key(id, of: account, in: transaction)
    }
    forget(account)
    return revoked
  }

  /// Creates a key with the same role and name as an old one, which stays valid for `graceHours`, 0 to 8,760.
  ///
  /// Throws an ``APIKeyError`` where the account has no such key, or where it is revoked or expired.
  package func rotate(
    _ id: String, of account: AccountID, graceHours: Int, by actor: AuditActor
  ) async throws -> NewAPIKey {
    let made = NewAPIKey()
    let now = clock()
    let end = now.adding(seconds: Int64(min(max(graceHours, 0), 8_760)) * 3_600)
    try await database.write { [self] transaction in
      let old = try key(id, of: account, in: transaction)
      guard !old.isEnded(at: now) else { throw APIKeyError.ended(id) }
      try insert(made, APIKeyDraft(role: old.role, name: old.name), for: account, by: actor, in: transaction)
      let expiresAt = min(end, old.expiresAt ?? end)
      try repository.expire(id, of: account, at: expiresAt, in: transaction)
      try AccountRepository.announceChange(of: account, in: transaction)
      try audit.record(
        .keyRevoked, of: id, by: actor, account: account,
        after: ["expires_at": .string("\(expiresAt)"), "replaced_by": .string(made.id)], in: transaction)
    }
    forget(account)
    return made
  }

  /// The owner of a valid key, of an account that is not disabled and stays within its request rate.
  ///
  /// A change of keys or accounts is noticed within a second. The lookup is by the key's hash: its timing reveals
  /// something about hashes, from which no key can be derived. Throws an ``AuthenticationError``.
  package func principal(bearerToken: String?) async throws -> Principal {
    let now = clock()
    let key = try await knownKey(bearerToken, at: now)
    let account = key.principal.accountID
    try Self.check(key.state, of: account, at: now)
    uses.note(key.principal, at: now)
    if let seconds = buckets.take(of: account, key.rate, at: now) {
      throw AuthenticationError.rateLimited(key.rate, seconds: seconds)
    }
    return key.principal
  }

  /// Checks in a write's own transaction that its caller's key is neither revoked nor expired, and that its account is
  /// the one that the key was created for and not disabled. After a refusal the key's cache entry is dropped.
  package func prove(_ principal: Principal, in transaction: any Transaction) throws {
    do {
      try Self.check(
        repository.state(of: principal, in: transaction), of: principal.accountID, at: clock())
    } catch let error as AuthenticationError {
      forget(principal.accountID)
      throw error
    }
  }

  private static func check(_ state: KeyState?, of account: AccountID, at now: Instant) throws {
    guard let state else { throw AuthenticationError.unknownKey }
    if let end = state.expiresAt, end <= now { throw AuthenticationError.expiredKey }
    guard !state.isAccountDisabled else { throw AuthenticationError.disabledAccount(account) }
  }

  private func knownKey(_ token: String?, at now: Instant) async throws -> KnownKey {
    guard let token, !token.isEmpty else { throw AuthenticationError.noKey }
    guard token.utf8.count <= 128 else { throw AuthenticationError.unknownKey }
    let hash = Self.hash(token)
    return try await known.value(of: hash, at: now) {
      guard let key = try await database.read({ [repository] in try repository.known(secretHash: hash, in: $0) })
      else { throw AuthenticationError.unknownKey }
      return key
    }
  }

  /// Drops the cached keys of an account, or of all accounts for nil.
  package func forget(_ account: AccountID?) {
    known.forget { _, key in account.map { $0 == key.principal.accountID } ?? true }
  }

  /// Stores when keys were used since the last call, in one transaction outside of requests. What cannot be stored is
  /// kept for the next call.
  package func recordUses() async throws {
    let taken = uses.take()
    guard !taken.isEmpty else { return }
    do {
      try await database.write { [repository] transaction in
        for (principal, moment) in taken.sorted(by: { $0.key.keyID < $1.key.keyID }) {
          try repository.use(principal.keyID, of: principal.accountID, at: moment, in: transaction)
        }
      }
    } catch {
      uses.putBack(taken)
      throw error
    }
  }

  private static func hash(_ token: String) -> String {
    Hex.text(SHA256.hash(data: Array(token.utf8)))
  }
}
