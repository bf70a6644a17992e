import Storage
import Testing
import Values

extension DatabaseConformance {
  /// Every kind of value comes back as it went in, is found by itself and sorts as it does in Swift.
  static let values = [
    DatabaseConformanceCase("whole numbers to the limits of 64 bits") { database in
      try await roundTrip([Int64.min, -1, 0, 1, 1 << 53 + 1, .max], in: .integer, on: database)
    },
    DatabaseConformanceCase("floating-point numbers to their limits") { database in
      let numbers: [Double] = [
        -1e308, -1.5, -.leastNonzeroMagnitude, 0, .leastNonzeroMagnitude, .leastNormalMagnitude, 0.1, 1 / 3, 1e308,
        .greatestFiniteMagnitude,
      ]
      try await roundTrip(numbers, in: .double, on: database)
    },
    DatabaseConformanceCase("negative zero is zero") { database in
      try await roundTrip([-0.0], in: .double, on: database)
    },
    DatabaseConformanceCase("a whole floating-point number") { database in
      try await roundTrip([-3.0, 4.0, 9_007_199_254_740_994.0], in: .double, on: database)
    },
    DatabaseConformanceCase("text with quotes, line breaks and every plane of Unicode") { database in
      let texts = [
        "", " ", "it's", "say \"so\"", "`back`", "a\\b", "%_%", "$1 ?1 :a @b", "line\r\nbreak\ttab", "\u{1}\u{7F}",
        "Größe", "e\u{301}", "漢字", "🎬👩‍👩‍👧", "\u{10FFFF}", "null", String(repeating: "é", count: 100_000),
      ]
      try await roundTrip(texts, in: .text, on: database, sorted: false)
    },
    DatabaseConformanceCase("truth values") { database in
      try await roundTrip([false, true], in: .bool, on: database, sorted: false)
      let found = try await database.read { transaction in
        try transaction.query("SELECT id FROM samples WHERE sample ORDER BY id").map { try $0.get("id", as: Int.self) }
      }
      #expect(found.count == 2, "a truth value stands as a condition by itself")
    },
    DatabaseConformanceCase("amounts to their limits") { database in
      let micros: [Int64] = [.min, -1_000_000_000_000_000, -1, 0, 1, 999_999, 1_429_999, 1_000_000_000_000_000, .max]
      try await roundTrip(micros.map(Money.init(micros:)), in: .money, on: database)
    },
    DatabaseConformanceCase("moments before 1970 and to the microsecond") { database in
      let texts = [
        "0001-01-01T00:00:00Z", "1582-10-15T12:00:00Z", "1899-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z",
        "1970-01-01T00:00:00Z", "2024-02-29T12:34:56.000001Z", "2026-11-01T10:00:00.250Z",
        "9999-12-31T23:59:59.999999Z",
      ]
      let moments = try texts.map { try #require(Instant($0)) }
      try await roundTrip(moments, in: .instant, on: database)
    },
    DatabaseConformanceCase("days") { database in
      let texts = ["0001-01-01", "1582-10-10", "1899-12-31", "1970-01-01", "2000-02-29", "2026-11-22", "9999-12-31"]
      try await roundTrip(try texts.map { try #require(CalendarDay($0)) }, in: .day, on: database)
    },
    DatabaseConformanceCase("JSON documents") { database in
      // Spaced as the databases that take documents apart write them again.
      let documents = [
        "null", "1.50", "\"it's\"", "[]", "{}", #"{"a": [true, null, -1], "b": {"c": "漢 \"字\""}}"#,
      ]
      try await roundTrip(documents, in: .json, on: database, sorted: false, found: false)
    },
    DatabaseConformanceCase("bytes, also those that are no text") { database in
      let every = (0...UInt8.max).map { $0 }
      let many = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
      try await roundTrip([[], [0], [0, 0, 0xFF], every, many], in: .bytes, on: database)
    },
    DatabaseConformanceCase("ids") { database in
      try await roundTrip(
        [try #require(AccountID("acme")), try #require(AccountID("b.2_x-y"))], in: .text, on: database)
      let ad = try #require(AdID("Summer sale — 50 % off; DROP TABLE samples"))
      let read = try await database.read { transaction in
        try transaction.first("SELECT COUNT(*) AS n FROM samples WHERE sample = \(ad)")?.get("n", as: Int.self)
      }
      #expect(read == 0)
    },
  ]

  /// Writes each value, and a null, by a plain and by a prepared statement and reads it again.
  private static func roundTrip<Value: SQLEncodable & SQLDecodable & Hashable>(
    _ values: [Value], in type: ColumnType, on database: any Database, sorted: Bool = true, found: Bool = true
  ) async throws {
    try await makeSamples(of: type, on: database)
    let samples: [Value?] = values + [nil]
    try await database.write { transaction in
      for (index, sample) in samples.enumerated() {
        let changed = try transaction.execute("INSERT INTO samples (id, sample) VALUES (\(index), \(sample.sqlValue))")
        #expect(changed == 1)
      }
      let insert = try transaction.prepare("INSERT INTO samples (id, sample) VALUES (\(0), \(SQLValue.null))")
      for (index, sample) in samples.enumerated() {
        #expect(try insert.execute([.integer(Int64(1_000 + index)), sample.sqlValue]) == 1)
      }
    }
    try await database.read { transaction in
      for start in [0, 1_000] {
        let rows = try transaction.query(
          "SELECT sample FROM samples WHERE id >= \(start) AND id < \(start + 1_000) ORDER BY id")
        #expect(try rows.map { try $0.getOptional("sample") } == samples)
      }
      if found {
        for value in values {
          let matches = try transaction.query("SELECT id FROM samples WHERE sample = \(value)")
          #expect(matches.count == 2, "\(value) is found by itself")
        }
      }
      if sorted {
        let rows = try transaction.query(
          "SELECT sample FROM samples WHERE sample IS NOT NULL AND id < 1000 ORDER BY sample")
        #expect(try rows.map { try $0.get("sample") } == values, "the samples are given in ascending order")
      }
      #expect(try transaction.query("SELECT id FROM samples WHERE sample IS NULL").count == 2)
    }
  }
}
