import Crypto
import Database
import Values

/// Makes API keys and recognises them. Only a key's hash is stored.
public struct APIKeyService: Authenticator {
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let repository = APIKeyRepository()
  private let principals = ExpiringCache<String, Principal>()

  /// Works on `database`; `clock` tells the present moment.
  public init(database: any Database, clock: @escaping @Sendable () -> Instant) {
    self.database = database
    self.clock = clock
  }

  /// Makes a key of `role` for `account` and returns its text, which is told nobody again.
  ///
  /// A key has 256 random bits, so a plain SHA-256 of it cannot be guessed back. Throws an ``APIError`` of status
  /// 404 where the account does not exist.
  public func create(for account: AccountID, role: Role) async throws -> String {
    var generator = SystemRandomNumberGenerator()
    let id = Hex.text((0..<8).map { _ in UInt8.random(in: 0...255, using: &generator) })
    let secret = Hex.text((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
    let token = "gv_\(id)_\(secret)"
    let principal = Principal(keyID: id, accountID: account, role: role)
    do {
      try await database.write { [repository, clock] in
        try repository.insert(principal, secretHash: Self.hash(token), at: clock(), in: $0)
      }
    } catch DatabaseError.foreignKeyViolation {
      throw APIError.notFound("account \(account)")
    }
    return token
  }

  /// The owner of a key; a change of keys is noticed within a second.
  ///
  /// The lookup is by the key's hash: its timing tells about hashes, from which no key follows.
  public func principal(bearerToken: String?) async throws -> Principal {
    guard let bearerToken, bearerToken.utf8.count <= 128 else { throw Self.refusal }
    let hash = Self.hash(bearerToken)
    let now = clock()
    if let cached = principals.value(of: hash, at: now) { return cached }
    guard let principal = try await database.read({ [repository] in try repository.find(secretHash: hash, in: $0) })
    else { throw Self.refusal }
    principals.keep(principal, of: hash, at: now)
    return principal
  }

  private static let refusal = APIError(
    .unauthorized, "unauthorized", "send a valid key as 'Authorization: Bearer KEY'; see geminivideo keys create")

  private static func hash(_ token: String) -> String {
    Hex.text(SHA256.hash(data: Array(token.utf8)))
  }
}

/// The SQL of API keys.
struct APIKeyRepository {
  func insert(
    _ principal: Principal, secretHash: String, at now: Instant, in transaction: any Transaction
  ) throws {
    try transaction.execute(
      """
      INSERT INTO api_keys (key_id, account_id, role, secret_hash, created_at)
      VALUES (\(principal.keyID), \(principal.accountID), \(principal.role.rawValue), \(secretHash), \(now))
      """)
  }

  func find(secretHash: String, in transaction: any Transaction) throws -> Principal? {
    guard
      let row = try transaction.first(
        "SELECT key_id, account_id, role FROM api_keys WHERE secret_hash = \(secretHash)"),
      let role = Role(rawValue: try row.get("role"))
    else { return nil }
    return Principal(keyID: try row.get("key_id"), accountID: try row.get("account_id"), role: role)
  }
}

/// Bytes as lower-case hexadecimal digits.
enum Hex {
  private static let digits = Array("0123456789abcdef".utf8)

  static func text(_ bytes: some Sequence<UInt8>) -> String {
    String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
