import CLibPQ
import Storage

/// A failure as the server or libpq reports it.
struct PostgresFailure: Error {
  /// What a transaction can do about it.
  enum Remedy {
    /// Nothing: it is reported to the caller.
    case none
    /// It conflicted with others: it may succeed when run again.
    case runAgain
    /// The server no longer has a statement as it was prepared here: the transaction may succeed on another connection.
    case runAgainElsewhere
    /// The server accepts no writes, as after a failover: connections to it are useless, and trying again helps once
    /// another server has replaced it.
    case leaveServer
    /// The connection is unusable; whether trying again helps is for the caller to decide.
    case reconnect
  }

  /// What the caller is told.
  let error: DatabaseError
  let remedy: Remedy

  /// Whether the connection must not be used again.
  var endsConnection: Bool {
    switch remedy {
    case .none, .runAgain: false
    case .runAgainElsewhere, .reconnect, .leaveServer: true
    }
  }

  /// Whether the whole transaction may succeed when it is run again.
  var isWorthAnotherRun: Bool {
    switch remedy {
    case .runAgain, .runAgainElsewhere: true
    case .none, .reconnect, .leaveServer: false
    }
  }

  init(_ error: DatabaseError, remedy: Remedy = .none) {
    self.error = error
    self.remedy = remedy
  }

  /// The server's functions that refuse a transaction setting: with SQLSTATE 0A000 they mean that a standby cannot
  /// begin a write. The message itself may be translated, so it is not compared.
  private static let settingRoutines: Set = ["call_bool_check_hook", "call_enum_check_hook"]

  /// Classifies an error by its SQLSTATE (PostgreSQL's documentation, appendix A). In a transaction that only reads, a
  /// refused write is a mistake of the caller.
  init(_ result: ServerResult, whileReading: Bool) {
    guard result.status != PGRES_PIPELINE_ABORTED else {
      self.init(.failed("a statement that was sent before it has failed"))
      return
    }
    let state = result.field("C") ?? ""
    let message = result.field("M") ?? "no answer from the server"
    let detail = ([message] + [result.field("D"), result.field("H")].compactMap(\.self)).joined(separator: "; ")
    switch state {
    case "23505", "23P01": self.init(.uniqueViolation(detail))
    case "23503", "23001": self.init(.foreignKeyViolation(detail))
    // Class 22: values that do not fit their type.
    case let state where state.hasPrefix("22") || state.hasPrefix("23"): self.init(.checkViolation(detail))
    case "40001", "40P01": self.init(.busy(detail), remedy: .runAgain)
    // The server has no room to track one more serializable transaction (53200) until others end.
    case "53200": self.init(.busy(detail), remedy: .runAgain)
    case "53100": self.init(.unwritable("\(detail); free some of the server's disk space"))
    case "58030": self.init(.unavailable(detail))
    case "25006" where !whileReading: self.init(.unavailable(Self.noWrites(detail)), remedy: .leaveServer)
    case "0A000" where Self.settingRoutines.contains(result.field("R") ?? ""):
      self.init(.unavailable(Self.noWrites(detail)), remedy: .leaveServer)
    case "55P03": self.init(.busy(detail))
    case "26000": self.init(.failed(detail), remedy: .runAgainElsewhere)
    case "0A000" where result.field("R") == "RevalidateCachedQuery":
      self.init(.failed(detail), remedy: .runAgainElsewhere)
    // Class 08: connection failures; 57P: connections ended by an operator; 53300: a server with too many connections.
    case let state where state.hasPrefix("08") || state.hasPrefix("57P") || state == "53300":
      self.init(.unavailable(detail), remedy: .reconnect)
    case "": self.init(.unavailable(message.isEmpty ? "the connection broke" : detail), remedy: .reconnect)
    default: self.init(.failed("\(detail) (\(state))"))
    }
  }

  private static func noWrites(_ detail: String) -> String {
    "the server takes no writes, as a standby does: \(detail)"
  }
}
