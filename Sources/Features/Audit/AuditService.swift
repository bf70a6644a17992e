import Database
import Formats
import Synchronization
import Values

/// Keeps and shows who changed what, account by account. What is kept is never changed, and goes with its account alone.
public struct AuditService: Sendable {
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let repository = AuditRepository()
  private let ids = AuditIDMaker()

  /// Works on `database`; `clock` tells the present moment.
  public init(database: any Database, clock: @escaping @Sendable () -> Instant) {
    self.database = database
    self.clock = clock
  }

  /// Notes a change in the transaction that makes it. `before` and `after` hold no secrets; one that is longer than
  /// 64 KiB is replaced by its length.
  func record(
    _ action: AuditAction, of subject: String, by actor: AuditActor, account: AccountID, before: JSONValue? = nil,
    after: JSONValue? = nil, in transaction: any Transaction
  ) throws {
    let now = clock()
    let entry = AuditEntry(
      id: ids.next(at: now), at: now, actor: actor.description, action: action.rawValue, subject: subject,
      before: before.map(AuditValue.text), after: after.map(AuditValue.text))
    try repository.insert(entry, of: account, in: transaction)
  }

  /// How many lines one page may have.
  public static let page = 500

  /// The account's lines, newest first: those before `id`, at most `limit`.
  public func list(of account: AccountID, before id: AuditID? = nil, limit: Int = 100) async throws -> [AuditEntry] {
    try await database.read { [repository] in
      try repository.list(of: account, before: id, limit: min(max(limit, 1), Self.page), in: $0)
    }
  }
}

/// Makes ids, each of which sorts after those this process made before.
private final class AuditIDMaker: Sendable {
  private let last = Mutex<Int64>(0)

  func next(at now: Instant) -> AuditID {
    let microseconds = last.withLock { last in
      last = max(now.microseconds, last + 1)
      return last
    }
    return AuditID(microseconds: microseconds, random: UInt32.random(in: 0...UInt32.max))
  }
}
