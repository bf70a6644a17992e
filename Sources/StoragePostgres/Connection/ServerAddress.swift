import CLibPQ
import Glibc
import Storage

/// Where the server is and how to sign in, as libpq takes it.
struct ServerAddress {
  private let options: [(keyword: String, value: String)]

  /// The oldest server that this driver is tested with.
  private static let oldestVersion: Int32 = 150_000

  /// The connection string takes precedence over these defaults, except for the encoding. They close a connection whose
  /// other end is gone, instead of waiting for hours.
  init(_ settings: PostgresSettings) {
    options = [
      ("fallback_application_name", "geminivideo"), ("connect_timeout", "10"), ("keepalives_idle", "30"),
      ("keepalives_interval", "10"), ("keepalives_count", "3"), ("tcp_user_timeout", "30000"),
      ("dbname", settings.connectionString), ("client_encoding", "UTF8"),
    ]
  }

  /// Whether libpq can parse a connection string.
  static func isUnderstood(_ connectionString: String) -> Bool {
    guard let options = PQconninfoParse(connectionString, nil) else { return false }
    PQconninfoFree(options)
    return true
  }

  /// The value of one of libpq's parameters in a connection string; nil where it is not given.
  static func value(of keyword: String, in connectionString: String) -> String? {
    guard let options = PQconninfoParse(connectionString, nil) else { return nil }
    defer { PQconninfoFree(options) }
    var option = options
    while let name = option.pointee.keyword {
      if String(cString: name) == keyword { return option.pointee.val.map { String(cString: $0) } }
      option += 1
    }
    return nil
  }

  /// Connects and returns libpq's connection, which the caller must close.
  func connect() throws(DatabaseError) -> OpaquePointer {
    let keywords = options.map { strdup($0.keyword) }
    let values = options.map { strdup($0.value) }
    defer { for text in keywords + values { free(text) } }
    let pointer = PQconnectdbParams(
      keywords.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 1)
    guard let pointer else { throw .unavailable("there is no memory for a connection") }
    guard PQstatus(pointer) == CONNECTION_OK else {
      defer { PQfinish(pointer) }
      throw .unavailable(Self.message(of: pointer))
    }
    guard PQserverVersion(pointer) >= Self.oldestVersion else {
      defer { PQfinish(pointer) }
      throw .unavailable("PostgreSQL 15 or newer is needed, this server is \(PQserverVersion(pointer) / 10_000)")
    }
    // By default libpq writes the server's notices to the standard error stream.
    PQsetNoticeReceiver(pointer, { _, _ in }, nil)
    return pointer
  }

  /// libpq's message for its last failure, on one line.
  static func message(of pointer: OpaquePointer) -> String {
    let text = String(cString: PQerrorMessage(pointer)).split(whereSeparator: \.isNewline).joined(separator: "; ")
    return text.isEmpty ? "the connection broke" : text
  }
}
