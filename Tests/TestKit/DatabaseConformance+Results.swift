import Storage
import Testing
import Values

extension DatabaseConformance {
  /// What a query hands over.
  static let results = [
    DatabaseConformanceCase("sums of amounts are exact") { database in
      try await makeSamples(of: .money, on: database)
      // A tenth has no exact binary form; the rest reaches across the range.
      let micros = (0..<1_000).map { (number: Int64) -> Int64 in
        number % 7 == 0 ? 100_000 : number * 7_919_000_003 % 999_999_999_937 - 77
      }
      try await database.write { transaction in
        let insert = try transaction.prepare("INSERT INTO samples (id, sample) VALUES (\(0), \(Money.zero))")
        for (id, value) in micros.enumerated() {
          try insert.execute([.integer(Int64(id)), .money(Money(micros: value))])
        }
      }
      let (total, part, none) = try await database.read { transaction in
        (
          try transaction.first("SELECT SUM(sample) AS total FROM samples")?.get("total", as: Money.self),
          try transaction.first("SELECT SUM(sample) AS total FROM samples WHERE id = \(0)")?
            .get("total", as: Money.self),
          try #require(try transaction.first("SELECT SUM(sample) AS total FROM samples WHERE id < \(0)"))
            .getOptional("total", as: Money.self)
        )
      }
      #expect(total == Money(micros: micros.reduce(0, +)))
      #expect(part == Money(micros: micros[0]))
      #expect(none == nil, "a sum of nothing is null")
    },
    DatabaseConformanceCase("COUNT, MIN and MAX") { database in
      try await database.write { transaction in
        try transaction.execute(
          "CREATE TABLE facts (a \(type: .money), d \(type: .day), i \(type: .instant))\(transaction.dialect.tableSuffix)"
        )
        for number in 1...5 {
          let amount: Money? = number == 3 ? nil : Money(micros: Int64(number * 10_000_001))
          try transaction.execute(
            """
            INSERT INTO facts (a, d, i)
            VALUES (\(amount.sqlValue), \(CalendarDay(daysSinceEpoch: number - 3)), \(Instant(microseconds: Int64(3 - number))))
            """)
        }
      }
      let row = try await database.read { transaction in
        try #require(
          try transaction.first(
            """
            SELECT COUNT(*) AS n, COUNT(a) AS known, MIN(a) AS low, MAX(a) AS high, MIN(d) AS first_day,
              MAX(d) AS last_day, MIN(i) AS first_moment, MAX(i) AS last_moment FROM facts
            """))
      }
      #expect(try row.get("n", as: Int.self) == 5)
      #expect(try row.get("known", as: Int.self) == 4)
      #expect(try row.get("low", as: Money.self) == Money(micros: 10_000_001))
      #expect(try row.get("high", as: Money.self) == Money(micros: 50_000_005))
      #expect(try row.get("first_day", as: CalendarDay.self) == CalendarDay(daysSinceEpoch: -2))
      #expect(try row.get("last_day", as: CalendarDay.self) == CalendarDay(daysSinceEpoch: 2))
      #expect(try row.get("first_moment", as: Instant.self) == Instant(microseconds: -2))
      #expect(try row.get("last_moment", as: Instant.self) == Instant(microseconds: 2))
    },
    DatabaseConformanceCase("a result without rows") { database in
      try await makeItems(on: database)
      let (rows, first, calls) = try await database.read { transaction in
        var calls = 0
        try transaction.forEach("SELECT id FROM items") { _ in calls += 1 }
        let rows = try transaction.query("SELECT id FROM items").count
        return (rows, try transaction.first("SELECT id FROM items"), calls)
      }
      #expect(rows == 0)
      #expect(first == nil)
      #expect(calls == 0)
    },
    DatabaseConformanceCase("forEach hands over every row in order") { database in
      try await makeManySamples(10_000, on: database)
      let seen = try await database.read { transaction in
        var seen: [Int] = []
        try transaction.forEach("SELECT id FROM samples WHERE id >= \(1) ORDER BY id") { seen.append(try $0.get("id")) }
        return seen
      }
      #expect(seen == Array(1..<10_000))
    },
    DatabaseConformanceCase("forEach stops at an error, and the transaction can go on") { database in
      try await makeManySamples(1_000, on: database)
      let calls = try await database.write { transaction in
        var calls = 0
        #expect(throws: OwnError(number: 10)) {
          try transaction.forEach("SELECT id FROM samples ORDER BY id") { _ in
            calls += 1
            if calls == 10 { throw OwnError(number: calls) }
          }
        }
        try transaction.execute("DELETE FROM samples WHERE id >= \(500)")
        #expect(try transaction.query("SELECT id FROM samples ORDER BY id").count == 500)
        return calls
      }
      #expect(calls == 10)
      #expect(try await database.read { try count("samples", in: $0) } == 500)
    },
    DatabaseConformanceCase("statements inside forEach, the same one too") { database in
      try await makeManySamples(20, on: database)
      let pairs = try await database.write { transaction in
        var pairs = 0
        let all: SQL = "SELECT id FROM samples WHERE id < \(10) ORDER BY id"
        try transaction.forEach(all) { row in
          let id: Int = try row.get("id")
          pairs += try transaction.query(all).count
          try transaction.forEach("SELECT id FROM samples WHERE id = \(id)") { _ in pairs += 1 }
          try transaction.execute("UPDATE samples SET sample = \(id + 100) WHERE id = \(id + 10)")
        }
        return pairs
      }
      #expect(pairs == 10 * 10 + 10)
      let sum = try await database.read { transaction in
        try transaction.query("SELECT sample FROM samples WHERE id >= \(10)").map { try $0.get("sample", as: Int.self) }
          .reduce(0, +)
      }
      #expect(sum == (100..<110).reduce(0, +))
    },
    DatabaseConformanceCase("columns that are missing, null or of another kind are unreadable") { database in
      let row = try await database.write { transaction in
        try transaction.execute(
          """
          CREATE TABLE facts (
            whole \(type: .integer), fraction \(type: .double), words \(type: .text), remark \(type: .text)
          )\(transaction.dialect.tableSuffix)
          """)
        try transaction.execute("INSERT INTO facts (whole, fraction, words) VALUES (\(7), \(0.5), \("seven"))")
        return try #require(try transaction.first("SELECT whole, fraction, words, remark FROM facts"))
      }
      let attempts: [(String, () throws -> Void)] = [
        ("absent", { _ = try row.get("absent", as: Int.self) }),
        ("absent", { _ = try row.getOptional("absent", as: Int.self) }),
        ("remark", { _ = try row.get("remark", as: String.self) }),
        ("whole", { _ = try row.get("whole", as: String.self) }),
        ("whole", { _ = try row.get("whole", as: Bool.self) }),
        ("fraction", { _ = try row.get("fraction", as: Int.self) }),
        ("fraction", { _ = try row.get("fraction", as: Money.self) }),
        ("words", { _ = try row.get("words", as: Int.self) }),
        ("words", { _ = try row.getOptional("words", as: CalendarDay.self) }),
        ("words", { _ = try row.get("words", as: Instant.self) }),
      ]
      for (column, attempt) in attempts {
        #expect(throws: DatabaseError.unreadableColumn(column), performing: attempt)
      }
      #expect(try row.getOptional("remark", as: String.self) == nil)
      #expect(try row.get("whole", as: Int.self) == 7)
    },
  ]

  private static func makeManySamples(_ count: Int, on database: any Database) async throws {
    try await makeSamples(of: .integer, on: database)
    try await database.write { transaction in
      let insert = try transaction.prepare("INSERT INTO samples (id, sample) VALUES (\(0), \(0))")
      for id in 0..<count { try insert.execute([.integer(Int64(id)), .integer(0)]) }
    }
  }
}
