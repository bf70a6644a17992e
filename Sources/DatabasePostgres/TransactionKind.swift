import Database

/// The transactions that this driver runs.
enum TransactionKind {
  case read
  case write(Isolation)
  /// A write that waits for the others of its key before it looks at anything.
  case turn(of: String)

  /// Whether it may change anything.
  var isWrite: Bool {
    switch self {
    case .read: false
    case .write, .turn: true
    }
  }

  /// The statement that begins it. A read is one snapshot, which its first statement takes.
  var beginning: String {
    switch self {
    case .read: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    case .write(.serializable): "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE"
    case .write(.readCommitted), .turn: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
    }
  }
}
