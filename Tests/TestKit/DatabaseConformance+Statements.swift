import Storage
import Testing
import Values

extension DatabaseConformance {
  /// One text serves every database, and what is bound stays data.
  static let statements = [
    DatabaseConformanceCase("ON CONFLICT DO UPDATE replaces, and tells what was proposed") { database in
      try await makeItems(on: database)
      try await insertItems([1, 2], on: database)
      let changed = try await database.write { transaction in
        try transaction.execute(
          """
          INSERT INTO items (id, name, quantity) VALUES (\(2), \("z"), \(40)), (\(3), \("c"), \(3))
          ON CONFLICT (id) DO UPDATE SET quantity = items.quantity + excluded.quantity
          """)
      }
      #expect(changed == 2)
      #expect(try await quantities(on: database) == [1, 42, 3])
    },
    DatabaseConformanceCase("ON CONFLICT DO NOTHING keeps what is there") { database in
      try await makeItems(on: database)
      try await insertItems([1, 2], on: database)
      let changed = try await database.write { transaction in
        [
          try transaction.execute(
            "INSERT INTO items (id, name, quantity) VALUES (\(2), \("y"), \(9)) ON CONFLICT (id) DO NOTHING"),
          try transaction.execute(
            "INSERT INTO items (id, name, quantity) VALUES (\(7), \("a"), \(9)) ON CONFLICT DO NOTHING"),
        ]
      }
      #expect(changed == [0, 0])
      #expect(try await quantities(on: database) == [1, 2])
    },
    DatabaseConformanceCase("RETURNING hands over what was inserted, updated and deleted") { database in
      try await makeItems(on: database)
      try await insertItems([1, 2, 3], on: database)
      let found = try await database.write { transaction in
        let inserted = try transaction.query(
          "INSERT INTO items (id, name, quantity) VALUES (\(4), \("d"), \(4)) RETURNING id, name")
        let updated = try transaction.query(
          "UPDATE items SET quantity = quantity * 10 WHERE id > \(2) RETURNING quantity")
        let deleted = try transaction.query("DELETE FROM items WHERE id = \(1) RETURNING name")
        let nothing = try transaction.query("DELETE FROM items WHERE id = \(99) RETURNING name")
        let name: String = try #require(inserted.first).get("name")
        return (
          name, try Set(updated.map { try $0.get("quantity", as: Int.self) }),
          try deleted.first?.get("name", as: String.self),
          nothing.count
        )
      }
      #expect(found == ("d", [30, 40], "a", 0))
      #expect(try await quantities(on: database) == [2, 30, 40])
    },
    DatabaseConformanceCase("a statement with RETURNING can be executed for its changes alone") { database in
      try await makeItems(on: database)
      try await insertItems([1, 2, 3], on: database)
      let changed = try await database.write { transaction in
        try transaction.execute("UPDATE items SET quantity = 0 WHERE id <= \(2) RETURNING id")
      }
      #expect(changed == 2)
      #expect(try await quantities(on: database) == [0, 0, 3])
    },
    DatabaseConformanceCase("rows changed are counted for each statement alone") { database in
      try await makeItems(on: database)
      try await insertItems([1, 2, 3], on: database)
      try await database.write { transaction throws in
        #expect(try transaction.execute("UPDATE items SET quantity = quantity + 1") == 3)
        #expect(try transaction.execute("UPDATE items SET quantity = 0 WHERE id = \(99)") == 0)
        #expect(try transaction.execute("DELETE FROM items WHERE id IN (\(1), \(2))") == 2)
        #expect(
          try transaction.execute("CREATE TABLE others (id \(type: .integer))\(transaction.dialect.tableSuffix)") == 0)
        #expect(try transaction.execute("CREATE INDEX items_by_quantity ON items (quantity)") == 0)
      }
    },
    DatabaseConformanceCase("rows that a foreign key takes along are not counted") { database in
      try await makeParentAndChild(on: database)
      try await database.write { transaction in
        try transaction.execute("INSERT INTO parents (id) VALUES (\(1))")
        for id in 1...3 { try transaction.execute("INSERT INTO children (id, parent_id) VALUES (\(id), \(1))") }
        #expect(try transaction.execute("DELETE FROM parents WHERE id = \(1)") == 1)
        #expect(try count("children", in: transaction) == 0)
      }
    },
    DatabaseConformanceCase("the same value bound twice, and placeholders in many places") { database in
      try await makeItems(on: database)
      try await insertItems([5, 6, 7, 8], on: database)
      let wanted = 6
      let names = try await database.read { transaction in
        try transaction.query(
          """
          SELECT name FROM items WHERE (quantity = \(wanted) OR id = \(4) OR quantity + \(2) = \(wanted + 3))
            AND quantity >= \(wanted) AND name <> \("c") ORDER BY quantity - \(wanted) LIMIT \(5)
          """
        ).map { try $0.get("name", as: String.self) }
      }
      #expect(names == ["b", "d"])
    },
    DatabaseConformanceCase("nested statements keep their values in order") { database in
      try await makeItems(on: database)
      try await insertItems([1, 2, 3, 4, 5, 6], on: database)
      // The parts are made in another order than they stand in.
      let last: SQL = "LIMIT \(2) OFFSET \(1)"
      let range: SQL = "quantity BETWEEN \(2) AND \(5)"
      let filter: SQL = "\(range) AND (name <> \("c") AND \(range))"
      let names = try await database.read { transaction in
        try transaction.query("SELECT name FROM items WHERE id < \(6) AND \(filter) ORDER BY id \(last)")
          .map { try $0.get("name", as: String.self) }
      }
      #expect(names == ["d", "e"])
    },
    DatabaseConformanceCase("a hundred values in one statement") { database in
      try await makeItems(on: database)
      try await insertItems([1, 2, 3], on: database)
      let list = (0..<100).map { "\($0 * 2)" as SQL }.reduce("\(1)" as SQL) { "\($0), \($1)" }
      let names = try await database.read { transaction in
        try transaction.query("SELECT name FROM items WHERE quantity IN (\(list)) ORDER BY id")
          .map { try $0.get("name", as: String.self) }
      }
      #expect(names == ["a", "b"])
    },
    DatabaseConformanceCase("many rows in one INSERT, and RETURNING tells which were written") { database in
      try await makeItems(on: database)
      try await insertItems([1, 2], on: database)
      let written = try await database.write { transaction in
        let rows: [[SQLValue]] = (1...256).map { [$0.sqlValue, "n\($0)".sqlValue, ($0 * 10).sqlValue] }
        return try transaction.query(
          """
          INSERT INTO items AS i (id, name, quantity) VALUES \(.rows(rows))
          ON CONFLICT (id) DO UPDATE SET quantity = excluded.quantity WHERE i.quantity > 1
          RETURNING id
          """
        ).map { try $0.get("id", as: Int.self) }
      }
      #expect(Set(written) == Set(2...256))
      #expect(try await quantities(on: database) == [1] + (2...256).map { $0 * 10 })
    },
    DatabaseConformanceCase("rows of values can be joined as a table") { database in
      try await makeItems(on: database)
      try await insertItems([1, 2, 3], on: database)
      let rows: [[SQLValue]] = [[2.sqlValue, "x".sqlValue], [3.sqlValue, "c".sqlValue], [9.sqlValue, "y".sqlValue]]
      let names = try await database.read { transaction in
        try transaction.query(
          """
          SELECT i.name FROM (VALUES \(.rows(rows))) AS given CROSS JOIN items AS i
          WHERE i.id = given.column1 AND i.name <> given.column2
          """
        ).map { try $0.get("name", as: String.self) }
      }
      #expect(names == ["b"])
    },
    DatabaseConformanceCase("SQL in a value stays data") { database in
      try await makeItems(on: database)
      let attacks = [
        "'); DROP TABLE items; --", "' OR '1'='1", "\"; DELETE FROM items", "$1", "?1", "\\'; --", "a' --",
      ]
      let found = try await database.write { transaction in
        for (id, attack) in attacks.enumerated() {
          try transaction.execute("INSERT INTO items (id, name, quantity) VALUES (\(id), \(attack), \(id))")
        }
        return try attacks.map { attack in
          try transaction.query("SELECT name FROM items WHERE name = \(attack)").map {
            try $0.get("name", as: String.self)
          }
        }
      }
      #expect(found == attacks.map { [$0] })
      #expect(try await quantities(on: database) == Array(attacks.indices))
    },
  ]

  /// A statement is parsed once and executed many times.
  static let prepared = [
    DatabaseConformanceCase("a prepared statement executed 10,000 times") { database in
      try await makeSamples(of: .integer, on: database)
      try await database.write { transaction in
        let insert = try transaction.prepare("INSERT INTO samples (id, sample) VALUES (\(0), \(0))")
        for id in 0..<10_000 { #expect(try insert.execute([.integer(Int64(id)), .integer(Int64(id * 2))]) == 1) }
        let update = try transaction.prepare("UPDATE samples SET sample = sample + \(0) WHERE id >= \(0)")
        #expect(try update.execute([.integer(1), .integer(9_000)]) == 1_000)
        #expect(try update.execute([.integer(1), .integer(10_000)]) == 0)
      }
      let sum = try await database.read { transaction in
        try transaction.first("SELECT CAST(SUM(sample) AS \(type: .integer)) AS total FROM samples")?
          .get("total", as: Int.self)
      }
      #expect(sum == 9_999 * 10_000 + 1_000)
    },
    DatabaseConformanceCase("a prepared statement returns the rows of each execution") { database in
      try await makeSamples(of: .integer, on: database)
      let returned = try await database.write { transaction in
        var statements = PreparedRows()
        return try [2, 2, 1].enumerated().flatMap { index, count in
          let insert = try statements.statement(of: count, width: 2, in: transaction) { rows in
            "INSERT INTO samples (id, sample) VALUES \(rows) RETURNING id, sample"
          }
          let values = (0..<count).flatMap { [SQLValue.integer(Int64(10 * index + $0)), .integer(Int64($0))] }
          return try insert.query(values).map { [try $0.get("id", as: Int.self), try $0.get("sample", as: Int.self)] }
        }
      }
      #expect(Set(returned) == [[0, 0], [1, 1], [10, 0], [11, 1], [20, 0]])
      #expect(returned.count == 5)
    },
    DatabaseConformanceCase("values that rows share are bound once") { database in
      try await makeSamples(of: .integer, on: database)
      let sums = try await database.write { transaction in
        var statements = PreparedRows()
        let insert = try statements.statement(of: 3, width: 1, sharing: 1, in: transaction) { rows in
          "INSERT INTO samples (sample, id) VALUES \(rows) RETURNING id + sample AS sum"
        }
        return try insert.query([7, 1, 2, 3].map { .integer($0) }).map { try $0.get("sum", as: Int.self) }
      }
      #expect(Set(sums) == [8, 9, 10])
    },
    DatabaseConformanceCase("two prepared statements of one text do not disturb each other") { database in
      try await makeItems(on: database)
      try await database.write { transaction in
        let text: SQL = "INSERT INTO items (id, name, quantity) VALUES (\(0), \(""), \(0))"
        let (one, other) = (try transaction.prepare(text), try transaction.prepare(text))
        try one.execute([.integer(1), .text("a"), .integer(10)])
        try other.execute([.integer(2), .text("b"), .integer(20)])
        try transaction.execute("INSERT INTO items (id, name, quantity) VALUES (\(3), \("c"), \(30))")
        try one.execute([.integer(4), .text("d"), .integer(40)])
      }
      #expect(try await quantities(on: database) == [10, 20, 30, 40])
    },
    DatabaseConformanceCase("a prepared statement refuses another count of values") { database in
      try await makeItems(on: database)
      for values in [[.integer(1), .text("a")], [.integer(1), .text("a"), .integer(1), .integer(1)]] as [[SQLValue]] {
        let kind = await FailureKind.awaiting {
          try await database.write { transaction in
            let insert = try transaction.prepare("INSERT INTO items (id, name, quantity) VALUES (\(0), \(""), \(0))")
            try insert.execute(values)
          }
        }
        #expect(kind == .failed)
      }
      #expect(try await quantities(on: database) == [])
    },
  ]

  static func makeParentAndChild(on database: any Database) async throws {
    try await database.write { transaction in
      let suffix = transaction.dialect.tableSuffix
      try transaction.execute("CREATE TABLE parents (id \(type: .integer) PRIMARY KEY)\(suffix)")
      try transaction.execute(
        """
        CREATE TABLE children (
          id \(type: .integer) PRIMARY KEY,
          parent_id \(type: .integer) NOT NULL REFERENCES parents (id) ON DELETE CASCADE
        )\(suffix)
        """)
    }
  }
}
