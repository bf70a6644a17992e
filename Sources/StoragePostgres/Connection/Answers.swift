/// What the server answers to a batch: read as it comes, or from a buffer where another batch came in between.
final class Answers {
  /// What one command of a batch is for.
  enum Command {
    /// It begins, ends or sets something.
    case plain
    /// It makes the server forget a prepared statement.
    case deallocate(name: String)
    /// It prepares a statement.
    case prepare(text: String)
    /// Its results are what the batch is sent for.
    case wanted
  }

  /// The commands whose results are still to be read.
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
