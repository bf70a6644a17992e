/// The server's answers to a batch: read as they arrive, or from a buffer where another batch was sent in between.
final class Answers {
  /// The purpose of one command of a batch.
  enum Command {
    /// Begins, ends or sets something.
    case plain
    /// Makes the server forget a prepared statement.
    case deallocate(name: String)
    /// It prepares a statement.
    case prepare(text: String)
    /// Its results are what the batch is sent for.
    case wanted
  }

  /// The commands whose results have not been read yet.
  var commands: ArraySlice<Command>
  /// Whether each row comes in a result of its own.
  let isRowByRow: Bool
  /// Results that were read before anybody asked for them.
  var buffer: ArraySlice<ServerResult> = []
  /// The first failure among the results.
  var failure: PostgresFailure?
  /// Whether all has been read from the connection.
  var isComplete = false

  init(to commands: [Command], rowByRow: Bool) {
    self.commands = commands[...]
    isRowByRow = rowByRow
  }
}
