import Glibc
import Storage
import Values

/// How to reach a PostgreSQL server, and how much of it to use.
public struct PostgresSettings: Sendable {
  /// What libpq connects with: a URI or a list of keywords, with hosts, TLS and everything else that libpq supports.
  let connectionString: String

  /// Whether a pooler such as PgBouncer gives each transaction another of the server's sessions.
  ///
  /// Nothing is then kept in a session: statements are not prepared, and timeouts are set in each transaction.
  /// Notifications to ``PostgresDatabase/notifications(on:)`` do not pass through such a pooler. `prepared=false` in a
  /// URI sets it.
  public var hasTransactionPooler = false

  /// The most connections at once, not counting those that listen for notifications. `pool_size=` in a URI sets it.
  public var largestPool = 8

  /// Seconds that a read or a write waits for a connection before it fails with ``DatabaseError/busy(_:)``, or with
  /// ``DatabaseError/unavailable(_:)`` where the server cannot be reached.
  public var secondsToConnection: Int64 = 10

  /// The most reads and writes that wait for a connection; more fail at once with ``DatabaseError/busy(_:)``.
  public var mostWaiting = 10_000

  /// Seconds after which the server cancels a statement; 0 for never.
  public var secondsPerStatement: Int64 = 60

  /// Seconds that a statement waits for a lock before it fails with ``DatabaseError/busy(_:)``; 0 for no limit.
  public var secondsToLock: Int64 = 10

  /// Seconds that a write waits for the earlier writes with its key before it fails with ``DatabaseError/busy(_:)``.
  public var secondsToTurn: Int64 = 10

  /// The most writes that wait for the same key; more fail at once with ``DatabaseError/busy(_:)``.
  public var mostWaitingForTurn = 1_000

  /// Seconds after which an unused connection is closed.
  public var secondsIdle: Int64 = 600

  /// Seconds after which a connection is replaced by a new one, so that none stays tied to a server or a host name for
  /// good.
  public var secondsOfLife: Int64 = 3_600

  /// How many times a conflicting write is run before it fails with ``DatabaseError/busy(_:)``.
  public var mostAttempts = 15

  /// The most statements that are kept prepared on a connection.
  public var preparedStatements = 256

  /// Takes a connection string: a URI (`postgresql://user@host/name?sslmode=verify-full`) or libpq's keywords.
  ///
  /// A URI may contain this driver's own `prepared` (`true` or `false`) and `pool_size` (1 to 1,000) beside libpq's
  /// parameters. Throws ``DatabaseError/unavailable(_:)``, without the string, because it may contain a password.
  public init(_ connectionString: String) throws(DatabaseError) {
    let (rest, own) = Self.separated(connectionString)
    self.connectionString = rest
    for (name, value) in own {
      switch (name, value) {
      case ("prepared", "true"): hasTransactionPooler = false
      case ("prepared", "false"): hasTransactionPooler = true
      case ("pool_size", _):
        guard let size = Int(value), (1...1_000).contains(size) else {
          throw .unavailable("pool_size in the connection string must be a number from 1 to 1000")
        }
        largestPool = size
      default: throw .unavailable("\(name) in the connection string must be true or false")
      }
    }
    guard !rest.utf8.contains(0), ServerAddress.isUnderstood(rest) else {
      throw .unavailable("libpq cannot parse the connection string: see libpq's documentation, 34.1.1")
    }
  }

  /// Splits a URI into the part for libpq and this driver's own parameters.
  private static func separated(_ text: String) -> (rest: String, own: [(name: Substring, value: Substring)]) {
    guard text.hasPrefix("postgres://") || text.hasPrefix("postgresql://"), let mark = text.firstIndex(of: "?") else {
      return (text, [])
    }
    var rest: [Substring] = []
    var own: [(name: Substring, value: Substring)] = []
    for parameter in text[text.index(after: mark)...].split(separator: "&") {
      let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if let name = parts.first, let value = parts.last, ["prepared", "pool_size"].contains(name) {
        own.append((name, value))
      } else {
        rest.append(parameter)
      }
    }
    let query = rest.isEmpty ? "" : "?" + rest.joined(separator: "&")
    return (text[..<mark] + query, own)
  }

  /// libpq's `sslmode`: from the connection string, else from `PGSSLMODE`; nil where neither sets it.
  public var sslMode: String? {
    ServerAddress.value(of: "sslmode", in: connectionString) ?? getenv("PGSSLMODE").map { String(cString: $0) }
  }

  var poolLimits: PoolState.Limits {
    PoolState.Limits(
      connections: max(1, largestPool), waiters: mostWaiting, waiting: secondsToConnection * 1_000_000,
      idle: secondsIdle * 1_000_000, life: secondsOfLife * 1_000_000,
      backoff: Backoff(first: 100_000, longest: 5_000_000))
  }

  /// Whether statements are prepared once for many executions.
  var preparesStatements: Bool { !hasTransactionPooler }

  /// What is sent once on a new connection.
  var sessionSetup: [String] { hasTransactionPooler ? [] : settings.map { "SET \($0)" } }

  /// What is sent at the beginning of each transaction.
  var transactionSetup: [String] { hasTransactionPooler ? settings.map { "SET LOCAL \($0)" } : [] }

  /// In milliseconds, as the server takes it.
  var lockTimeout: Int64 { secondsToLock * 1_000 }

  private var settings: [String] {
    [
      "TimeZone = 'UTC'", "DateStyle = 'ISO'", "statement_timeout = \(secondsPerStatement * 1_000)",
      "lock_timeout = \(lockTimeout)",
    ]
  }
}
