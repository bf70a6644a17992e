import Storage

/// The transactions that this driver runs.
enum TransactionKind {
  case read
  case write(Isolation)
  /// A write that waits for earlier writes with its key before it reads anything.
  case turn(of: String, waitsFor: Duration)
  /// A write that changes tables, unless another process is doing so.
  case schema(SchemaChange)

  /// Whether it may change anything.
  var isWrite: Bool {
    switch self {
    case .read: false
    case .write, .turn, .schema: true
    }
  }

  /// What begins it, followed by `setup`. A read is one snapshot, taken by its first statement.
  func beginning(setup: [String]) -> [String] {
    switch self {
    case .read: ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"] + setup
    case .write(.serializable): ["BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE"] + setup
    case .write(.readCommitted), .turn: [Self.readCommitted] + setup
    case .schema(.together), .schema(.rebuild):
      [Self.readCommitted] + setup + Self.withoutLimits.map { "SET LOCAL \($0)" }
    case .schema(.outsideTransaction): Self.withoutLimits.map { "SET \($0)" }
    }
  }

  private static let readCommitted = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
  private static let withoutLimits = ["statement_timeout = 0", "lock_timeout = 0"]

  /// Whether it is a transaction for the server.
  var isTransaction: Bool {
    if case .schema(.outsideTransaction) = self { false } else { true }
  }
}
