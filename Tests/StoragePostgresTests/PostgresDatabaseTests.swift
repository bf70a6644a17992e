import Foundation
import Storage
import StoragePostgres
import Testing
import Values

@Suite("PostgreSQL through the driver")
struct PostgresDatabaseTests {
  @Test("sums and counts of whole numbers are whole, other widths too")
  func wholeNumbers() async throws {
    try await TestServer.shared().withFreshDatabase { database in
      let row = try await database.write { transaction in
        try transaction.execute("CREATE TABLE numbers (small SMALLINT, medium INT, large BIGINT)")
        try transaction.execute("INSERT INTO numbers VALUES (\(7), \(8), \(9)), (\(1), \(1), \(1))")
        return try #require(
          try transaction.first(
            """
            SELECT SUM(large) AS large, SUM(medium) AS medium, MAX(small) AS small, MAX(medium) AS middle,
              COUNT(*) AS n, AVG(large) AS mean, COALESCE(\(5), 0) AS five, COALESCE(\(SQLValue.null), 6) AS six
            FROM numbers
            """))
      }
      #expect(try row.get("large", as: Int.self) == 10)
      #expect(try row.get("medium", as: Int.self) == 9)
      #expect(try row.get("small", as: Int.self) == 7)
      #expect(try row.get("middle", as: Int.self) == 8)
      #expect(try row.get("n", as: Int.self) == 2)
      #expect(try row.get("mean", as: Double.self) == 5)
      #expect(try row.get("five", as: Int.self) == 5)
      #expect(try row.get("six", as: Int.self) == 6)
    }
  }

  @Test("nulls first, then values, then other types in one statement")
  func changingTypes() async throws {
    try await TestServer.shared().withFreshDatabase { database in
      let read = try await database.write { transaction in
        try transaction.execute("CREATE TABLE mixed (id BIGINT, amount NUMERIC(24, 6), body JSONB, key UUID)")
        let hole = SQLValue.null
        let insert = try transaction.prepare(
          "INSERT INTO mixed (id, amount, body, key) VALUES (\(hole), \(hole), \(hole), \(hole))")
        let key = "0b0c0d0e-0001-4203-8405-060708090aff"
        let rows: [[SQLValue]] = [
          [.integer(1), .null, .null, .null],
          [.integer(2), .money(Money(micros: 1_500_000)), .text("{\"a\": 1}"), .text(key)],
          [.integer(3), .integer(4), .null, .null], [.integer(4), .double(0.25), .text("[]"), .null],
          [.integer(5), .null, .null, .text(key.uppercased())],
        ]
        #expect(try insert.execute(each: rows) == [1, 1, 1, 1, 1])
        return try transaction.query("SELECT amount, body, key FROM mixed ORDER BY id").map { row in
          [
            try row.getOptional("amount", as: Money.self)?.description, try row.getOptional("body", as: String.self),
            try row.getOptional("key", as: String.self),
          ]
        }
      }
      let key = "0b0c0d0e-0001-4203-8405-060708090aff"
      #expect(
        read == [
          [nil, nil, nil], ["1.50", "{\"a\": 1}", key], ["4.00", nil, nil], ["0.25", "[]", nil], [nil, nil, key],
        ])
    }
  }

  @Test("a statement that fails in the midst of many ends them all")
  func failingBatch() async throws {
    try await TestServer.shared().withFreshDatabase { database in
      try await makeCounter(on: database)
      await #expect(throws: DatabaseError.self) {
        try await database.write { transaction in
          let insert = try transaction.prepare("INSERT INTO counters (id, n) VALUES (\(0), \(0))")
          try insert.execute(each: (0..<1_000).map { [.integer(Int64($0 % 700 + 10)), .integer(0)] })
        }
      }
      #expect(try await database.read { try $0.query("SELECT id FROM counters").count } == 1)
    }
  }

  @Test("a closure that goes on after a failure commits nothing, and learns why")
  func swallowedFailure() async throws {
    try await TestServer.shared().withFreshDatabase { database in
      try await makeCounter(on: database)
      let error = await #expect(throws: DatabaseError.self) {
        try await database.write { transaction in
          try transaction.execute("UPDATE counters SET n = 5")
          _ = try? transaction.execute("INSERT INTO counters (id, n) VALUES (\(1), \(1))")
        }
      }
      guard case .uniqueViolation = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(try await count(on: database) == 0)
    }
  }

  @Test("writers that read and then write lose nothing, in two programs at once")
  func readThenWrite() async throws {
    try await TestServer.shared().withFreshDatabase { database in
      try await makeCounter(on: database)
      let runs = Counter()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<40 {
          group.addTask {
            try await database.write { transaction in
              runs.increment()
              let n = try #require(try transaction.first("SELECT n FROM counters")).get("n", as: Int.self)
              try transaction.execute("UPDATE counters SET n = \(n + 1) WHERE id = 1")
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await count(on: database) == 40)
      #expect(runs.value > 40, "some had to run again")
    }
  }

  @Test("two that would each be right alone are not both done: write skew")
  func writeSkew() async throws {
    try await TestServer.shared().withFreshDatabase { database in
      _ = try await database.write { try $0.execute("CREATE TABLE claims (who TEXT)") }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<20 {
          group.addTask {
            try await database.write { transaction in
              guard try transaction.query("SELECT who FROM claims").isEmpty else { return }
              try transaction.execute("INSERT INTO claims (who) VALUES (\("w\(index)"))")
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await database.read { try $0.query("SELECT who FROM claims").count } == 1)
    }
  }

  @Test("a write that others are always in the way of fails as busy, after a bounded number of runs")
  func endlessConflict() async throws {
    try await TestServer.shared().withFreshDatabase(adjusting: { $0.mostAttempts = 3 }) { database in
      let runs = Counter()
      let error = await #expect(throws: DatabaseError.self) {
        try await database.write { transaction in
          runs.increment()
          try transaction.execute("DO $$ BEGIN RAISE EXCEPTION 'in the way' USING ERRCODE = '40001'; END $$")
        }
      }
      #expect(error == .busy("in the way"))
      #expect(runs.value == 3)
    }
  }

  @Test("claims under locks of rows: each job is taken once, without waiting")
  func skipLocked() async throws {
    try await TestServer.shared().withFreshDatabase { database in
      try await database.write { transaction in
        try transaction.execute("CREATE TABLE jobs (id BIGINT PRIMARY KEY, taken BOOLEAN NOT NULL)")
        try transaction.execute("INSERT INTO jobs SELECT n, FALSE FROM generate_series(1, 60) n")
      }
      let taken = try await withThrowingTaskGroup(of: [Int].self) { group in
        for _ in 0..<12 {
          group.addTask {
            try await database.write(isolation: .readCommitted) { transaction in
              try transaction.query(
                """
                UPDATE jobs SET taken = TRUE WHERE id IN (
                  SELECT id FROM jobs WHERE NOT taken ORDER BY id LIMIT \(5) FOR UPDATE SKIP LOCKED)
                RETURNING id
                """
              ).map { try $0.get("id", as: Int.self) }
            }
          }
        }
        var taken: [Int] = []
        for try await ids in group { taken += ids }
        return taken
      }
      #expect(taken.sorted() == Array(1...60))
    }
  }

  @Test("a type that is not read is named, and the connection goes on")
  func unreadType() async throws {
    try await TestServer.shared().withFreshDatabase { database in
      let error = await #expect(throws: DatabaseError.self) {
        _ = try await database.read { try $0.query("SELECT ARRAY[1, 2] AS list FROM generate_series(1, 3)") }
      }
      #expect(error?.description.contains("list") == true)
      let text = try await database.read {
        try $0.first("SELECT CAST(ARRAY[1, 2] AS TEXT) AS list")?.get("list", as: String.self)
      }
      #expect(text == "{1,2}")
    }
  }

  @Test("a table that changed shape under a prepared SELECT * is read as it is now")
  func changedShape() async throws {
    try await TestServer.shared().withFreshDatabase(adjusting: { $0.largestPool = 1 }) { database in
      try await makeCounter(on: database)
      let select: SQL = "SELECT * FROM counters"
      _ = try await database.read { try $0.query(select) }
      _ = try await database.write { try $0.execute("ALTER TABLE counters ADD COLUMN note TEXT DEFAULT 'new'") }
      let note = try await database.read { try $0.first(select)?.get("note", as: String.self) }
      #expect(note == "new")
    }
  }

  @Test("more statements than are kept prepared")
  func manyStatements() async throws {
    try await TestServer.shared().withFreshDatabase(adjusting: {
      $0.preparedStatements = 10; $0.largestPool = 1
    }) {
      database in
      for round in 0..<3 {
        let sum = try await database.read { transaction in
          try (0..<40).map { number in
            try #require(try transaction.first("SELECT \(number) + \(SQL(stringLiteral: "\(number)")) AS n"))
              .get("n", as: Int.self)
          }.reduce(0, +)
        }
        #expect(sum == 39 * 40, "round \(round)")
      }
      let kept = try await database.read { transaction in
        try transaction.first("SELECT COUNT(*) AS n FROM pg_prepared_statements")?.get("n", as: Int.self)
      }
      #expect((10...14).contains(kept ?? 0), "the ten, and those that the server is about to be told of")
    }
  }

  @Test("settings of the session: UTC, and time limits")
  func session() async throws {
    try await TestServer.shared().withFreshDatabase { database in
      let names = [
        "TimeZone", "DateStyle", "client_encoding", "statement_timeout", "lock_timeout", "transaction_isolation",
      ]
      let values = try await database.write { transaction in
        try names.map { name in
          try transaction.first("SELECT current_setting(\(name)) AS v")?.get("v", as: String.self)
        }
      }
      #expect(values == ["UTC", "ISO, MDY", "UTF8", "1min", "10s", "serializable"])
    }
  }
}

/// Makes `counters` with one row: id 1, n 0.
func makeCounter(on database: PostgresDatabase) async throws {
  try await database.write { transaction in
    _ = try transaction.execute("CREATE TABLE counters (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)")
    _ = try transaction.execute("INSERT INTO counters (id, n) VALUES (1, 0)")
  }
}

/// The count that ``makeCounter(on:)`` began.
func count(on database: PostgresDatabase) async throws -> Int? {
  try await database.read { try $0.first("SELECT n FROM counters WHERE id = 1")?.get("n", as: Int.self) }
}
