import ArgumentParser
import Foundation
import Storage
import StoragePostgres
import Values

/// `benchmarks postgres`: single rows through the driver, each in a transaction of its own as features write and read
/// them. `peer/postgres_peer.c` sends the same statements through libpq.
struct PostgresBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "postgres", abstract: "Time inserts and selects of single rows on PostgreSQL; print a line of JSON.")

  @Option(help: "A server whose table driver_rows may be replaced.")
  var url: String
  @Option(help: "Connections, and tasks that each do one row after another.")
  var connections = 1
  @Option(help: "Rows to insert, by all tasks together.")
  var inserts = 10_000
  @Option(help: "Rows to select after that, by all tasks together.")
  var selects = 50_000

  func validate() throws {
    guard connections > 0, inserts >= connections, selects >= connections else {
      throw ValidationError("every connection needs work")
    }
  }

  func run() async throws {
    guard let account = AccountID("bench") else { throw ValidationError("no account") }
    var settings = try PostgresSettings(url)
    settings.largestPool = connections
    let database = PostgresDatabase(settings)
    try await makeTable(on: database)
    let inserted = connections * (inserts / connections)
    try await AccountScope.$current.withValue(.account(account)) {
      try await openConnections(of: database)
      let insertRate = try await rate(of: inserts) { try await Self.insert($0, on: database) }
      let selectRate = try await rate(of: selects) {
        try await Self.check($0 &* Self.stride % inserted, on: database)
      }
      print(
        """
        {"benchmark":"postgres","connections":\(connections),"inserts_per_second":\(insertRate),\
        "selects_per_second":\(selectRate)}
        """)
    }
    await database.shutDown()
  }

  /// From one row that is selected to the next: a prime, so that all are, in no order that the server could use.
  private static let stride = 7_919

  private func makeTable(on database: PostgresDatabase) async throws {
    try await database.write { transaction in
      try transaction.execute("DROP TABLE IF EXISTS driver_rows")
      try transaction.execute(
        """
        CREATE TABLE driver_rows (
          id \(type: .integer) PRIMARY KEY, name \(type: .text) NOT NULL, quantity \(type: .integer) NOT NULL,
          at \(type: .instant) NOT NULL)
        """)
    }
  }

  /// Keeps each connection busy until all are open: connecting is no part of what is timed.
  private func openConnections(of database: PostgresDatabase) async throws {
    _ = try await rate(of: connections) { _ in
      try await database.read { _ = try $0.query("SELECT 1 AS slept FROM pg_sleep(0.5)") }
    }
  }

  private static func insert(_ id: Int, on database: PostgresDatabase) async throws {
    _ = try await database.write { transaction in
      try transaction.execute(
        """
        INSERT INTO driver_rows (id, name, quantity, at)
        VALUES (\(id), \("row \(id)"), \(id * 7), \(Instant(microseconds: Int64(id) * 1_000_000)))
        """)
    }
  }

  /// Selects a row; a fast wrong one is no result.
  private static func check(_ id: Int, on database: PostgresDatabase) async throws {
    let isRight = try await database.read { transaction in
      guard
        let row = try transaction.first("SELECT id, name, quantity, at FROM driver_rows WHERE id = \(id)")
      else { return false }
      let at: Instant = try row.get("at")
      return try row.get("id") == id && row.get("name") == "row \(id)" && row.get("quantity") == id * 7
        && at.microseconds == Int64(id) * 1_000_000
    }
    guard isRight else { throw ValidationError("row \(id) is not what was inserted") }
  }

  /// Has every task call `work` with one number after another; returns the calls of a second.
  private func rate(
    of count: Int, _ work: @escaping @Sendable (_ number: Int) async throws -> Void
  ) async throws -> String {
    let perTask = count / connections
    let start = ContinuousClock.now
    try await withThrowingTaskGroup { group in
      for task in 0..<connections {
        group.addTask {
          for number in task * perTask..<(task + 1) * perTask { try await work(number) }
        }
      }
      try await group.waitForAll()
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return String(format: "%.1f", Double(connections * perTask) / seconds)
  }
}
