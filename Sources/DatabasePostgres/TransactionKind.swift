import Database

/// The transactions that this driver runs.
enum TransactionKind {
  case read
  case write(Isolation)

  /// The statement that begins it. A read is one snapshot, which its first statement takes.
  var beginning: String {
    switch self {
    case .read: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    case .write(.serializable): "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE"
    case .write(.snapshot): "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE"
    case .write(.readCommitted): "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
    }
  }
}
