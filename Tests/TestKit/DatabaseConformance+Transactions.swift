import Dispatch
import Storage
import Synchronization
import Testing
import Values

extension DatabaseConformance {
  /// All of a transaction or nothing of it.
  static let transactions = [
    DatabaseConformanceCase("a write commits and returns what its closure returns") { database in
      try await makeItems(on: database)
      let answer = try await database.write { transaction in
        try transaction.execute("INSERT INTO items (id, name, quantity) VALUES (\(1), \("a"), \(42))")
        return "done"
      }
      #expect(answer == "done")
      #expect(try await quantities(on: database) == [42])
    },
    DatabaseConformanceCase("a write sees its own changes") { database in
      try await makeItems(on: database)
      let seen = try await database.write { transaction in
        try transaction.execute("INSERT INTO items (id, name, quantity) VALUES (\(1), \("a"), \(1))")
        try transaction.execute("UPDATE items SET quantity = quantity + 1")
        return try transaction.first("SELECT quantity FROM items")?.get("quantity", as: Int.self)
      }
      #expect(seen == 2)
    },
    DatabaseConformanceCase("an error of the closure takes everything back and comes out unchanged") { database in
      try await makeItems(on: database)
      try await insertItems([1], on: database)
      await #expect(throws: OwnError(number: 7)) {
        try await database.write { transaction in
          try transaction.execute("UPDATE items SET quantity = 100")
          try transaction.execute("INSERT INTO items (id, name, quantity) VALUES (\(2), \("b"), \(2))")
          try transaction.execute("CREATE TABLE others (id \(type: .integer))\(transaction.dialect.tableSuffix)")
          throw OwnError(number: 7)
        }
      }
      #expect(try await quantities(on: database) == [1])
      let kind = await FailureKind.awaiting { _ = try await database.read { try $0.query("SELECT id FROM others") } }
      #expect(kind == .failed, "the table was taken back too")
    },
    DatabaseConformanceCase("a broken constraint takes everything back") { database in
      try await makeItems(on: database)
      try await insertItems([1, 2], on: database)
      let kind = await FailureKind.awaiting {
        _ = try await database.write { transaction in
          try transaction.execute("UPDATE items SET quantity = 100")
          try transaction.execute("INSERT INTO items (id, name, quantity) VALUES (\(3), \("a"), \(2))")
        }
      }
      #expect(kind == .unique)
      #expect(try await quantities(on: database) == [1, 2])
      _ = try await database.write { try $0.execute("UPDATE items SET quantity = 5") }
      #expect(try await quantities(on: database) == [5, 5])
    },
    DatabaseConformanceCase("a read cannot write") { database in
      try await makeItems(on: database)
      try await insertItems([1], on: database)
      let attempts: [SQL] = [
        "INSERT INTO items (id, name, quantity) VALUES (\(2), \("b"), \(2))", "UPDATE items SET quantity = \(9)",
        "DELETE FROM items", "CREATE TABLE others (id \(type: .integer))", "DROP TABLE items",
        "DELETE FROM items RETURNING id",
      ]
      for attempt in attempts {
        #expect(await FailureKind.awaiting { _ = try await database.read { try $0.execute(attempt) } } == .failed)
        #expect(await FailureKind.awaiting { _ = try await database.read { try $0.query(attempt) } } == .failed)
        let kind = await FailureKind.awaiting {
          _ = try await database.read { transaction in
            try transaction.prepare(attempt).execute(attempt.bindings)
          }
        }
        #expect(kind == .failed)
      }
      #expect(try await quantities(on: database) == [1])
    },
    DatabaseConformanceCase("an error of a read's closure comes out unchanged") { database in
      await #expect(throws: OwnError(number: 3)) {
        try await database.read { _ in throw OwnError(number: 3) }
      }
    },
  ]

  /// Every failure is sorted by what the caller can do about it.
  static let failures = [
    DatabaseConformanceCase("text with U+0000 is refused, whatever statement it comes with") { database in
      try await makeItems(on: database)
      let statement: SQL = "INSERT INTO items (id, name, quantity) VALUES (\(1), \("a\0b"), \(1))"
      for run in ways(of: statement) {
        await #expect(throws: DatabaseError.checkViolation("text may not hold the character U+0000")) {
          try await database.write { try run($0) }
        }
      }
      #expect(try await quantities(on: database) == [])
    },
    DatabaseConformanceCase("a database that can be written says so") { database async throws in
      try await database.checkWritable()
    },
    DatabaseConformanceCase("violations are told apart, outside the transaction and within it") { database in
      try await makeItems(on: database)
      try await insertItems([1], on: database)
      try await makeParentAndChild(on: database)
      let attempts: [(SQL, FailureKind)] = [
        ("INSERT INTO items (id, name, quantity) VALUES (\(1), \("z"), \(1))", .unique),
        ("INSERT INTO items (id, name, quantity) VALUES (\(2), \("a"), \(1))", .unique),
        ("INSERT INTO items (id, name, quantity) VALUES (\(2), \("b"), \(-1))", .check),
        ("INSERT INTO items (id, name, quantity) VALUES (\(2), \(SQLValue.null), \(1))", .check),
        ("INSERT INTO children (id, parent_id) VALUES (\(1), \(99))", .foreignKey),
        ("INSERT INTO absent (id) VALUES (\(1))", .failed),
        ("SELEC 1", .failed),
      ]
      for (statement, expected) in attempts {
        let outside = await FailureKind.awaiting { _ = try await database.write { try $0.execute(statement) } }
        #expect(outside == expected, "\(statement.text(database.dialect))")
        for run in ways(of: statement) {
          // A database may refuse all further statements of the transaction, so the closure gives up as well.
          await #expect(throws: Caught(kind: expected)) {
            try await database.write { transaction in
              if let kind = FailureKind.of({ try run(transaction) }) { throw Caught(kind: kind) }
            }
          }
        }
      }
      #expect(try await quantities(on: database) == [1])
    },
  ]

  /// More than one at a time.
  static let concurrency = [
    DatabaseConformanceCase("a hundred writers at once lose nothing") { database in
      try await makeItems(on: database)
      try await insertItems([0], on: database)
      try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<100 {
          group.addTask { try await database.write { try $0.execute("UPDATE items SET quantity = quantity + 1") } }
        }
        var changed = 0
        for try await count in group { changed += count }
        #expect(changed == 100)
      }
      #expect(try await quantities(on: database) == [100])
    },
    DatabaseConformanceCase("writes in turn see what those before left, and none is run again") { database in
      try await makeItems(on: database)
      try await insertItems([0, 0], on: database)
      let runs = RunCount()
      try await withThrowingTaskGroup { group in
        for number in 0..<60 {
          let id = number % 2 + 1
          group.addTask {
            try await database.write(inTurnOf: "item \(id)") { transaction in
              runs.add()
              let row = try #require(try transaction.first("SELECT quantity FROM items WHERE id = \(id)"))
              let quantity: Int = try row.get("quantity")
              try transaction.execute("UPDATE items SET quantity = \(quantity + 1) WHERE id = \(id)")
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await quantities(on: database) == [30, 30])
      #expect(runs.value == 60)
    },
    DatabaseConformanceCase("a write in turn that fails takes everything back and lets the next one in") { database in
      try await makeItems(on: database)
      try await insertItems([0], on: database)
      await #expect(throws: OwnError(number: 3)) {
        try await database.write(inTurnOf: "item") { transaction in
          try transaction.execute("UPDATE items SET quantity = 9")
          throw OwnError(number: 3)
        }
      }
      _ = try await database.write(inTurnOf: "item") { try $0.execute("UPDATE items SET quantity = quantity + 1") }
      #expect(try await quantities(on: database) == [1])
    },
    DatabaseConformanceCase("a read stays on its snapshot while a write commits") { database in
      try await makeItems(on: database)
      try await insertItems([40, 60], on: database)
      let (begun, reading) = AsyncStream.makeStream(of: Void.self)
      let committed = DispatchSemaphore(value: 0)
      async let seen = database.read { transaction in
        defer { reading.finish() }
        let first = try transaction.first("SELECT quantity FROM items WHERE id = \(1)")
        reading.finish()
        guard committed.wait(timeout: .now() + 60) == .success else { throw OwnError(number: 60) }
        let second = try transaction.first("SELECT quantity FROM items WHERE id = \(2)")
        return [try first?.get("quantity", as: Int.self), try second?.get("quantity", as: Int.self)]
      }
      for await _ in begun {}
      do {
        defer { committed.signal() }
        try await database.write { transaction in
          try transaction.execute("UPDATE items SET quantity = 41 WHERE id = \(1)")
          try transaction.execute("UPDATE items SET quantity = 59 WHERE id = \(2)")
        }
      }
      #expect(try await seen == [40, 60])
      #expect(try await quantities(on: database) == [41, 59])
    },
    DatabaseConformanceCase("readers beside a writer see all of a transaction or nothing") { database in
      try await makeItems(on: database)
      try await insertItems([50, 50], on: database)
      try await withThrowingTaskGroup { group in
        group.addTask {
          for step in 0..<50 {
            try await database.write { transaction in
              let move = step % 2 == 0 ? 7 : -7
              try transaction.execute("UPDATE items SET quantity = quantity - \(move) WHERE id = \(1)")
              try transaction.execute("UPDATE items SET quantity = quantity + \(move) WHERE id = \(2)")
            }
          }
        }
        for _ in 0..<4 {
          group.addTask {
            for _ in 0..<50 {
              let sum = try await database.read { transaction in
                try [1, 2].map { id in
                  try #require(try transaction.first("SELECT quantity FROM items WHERE id = \(id)"))
                    .get("quantity", as: Int.self)
                }.reduce(0, +)
              }
              #expect(sum == 100)
            }
          }
        }
        try await group.waitForAll()
      }
    },
  ]

  /// The ways in which a statement can be run.
  private static func ways(of statement: SQL) -> [@Sendable (any Transaction) throws -> Void] {
    [
      { try $0.execute(statement) },
      { _ = try $0.query(statement) },
      { try $0.forEach(statement) { _ in } },
      { try $0.prepare(statement).execute(statement.bindings) },
    ]
  }
}

/// What a closure saw inside its transaction.
private struct Caught: Error, Equatable {
  let kind: FailureKind
}

/// How often closures ran, on any thread.
private final class RunCount: Sendable {
  private let count = Mutex(0)

  var value: Int { count.withLock { $0 } }

  func add() { count.withLock { $0 += 1 } }
}
