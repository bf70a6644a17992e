import Storage
import Testing

extension DatabaseConformance {
  /// Vectors come back to the bit, and only those of the column's length are taken. Each check takes a whole database, of a
  /// role that may create extensions: two schemas cannot have the same one.
  package static let vectors = [
    DatabaseConformanceCase("vectors to the bit, by plain and by prepared statements") { database in
      try await makeVectors(dimensions: 4, on: database)
      let vectors: [[Float]?] = [
        [0, 1, -1, 0.1], [1 / 3, -2.5e-38, .greatestFiniteMagnitude, -.leastNonzeroMagnitude], nil, [1, 2, 3, 4],
      ]
      try await database.write { transaction in
        for (id, vector) in vectors.enumerated() {
          try transaction.execute("INSERT INTO vectors (id, place) VALUES (\(id), \(vector.sqlValue))")
        }
        let insert = try transaction.prepare("INSERT INTO vectors (id, place) VALUES (\(0), \(SQLValue.null))")
        try insert.execute(each: vectors.enumerated().map { [.integer(Int64(10 + $0)), $1.sqlValue] })
      }
      let read = try await database.read { transaction in
        try transaction.query("SELECT place FROM vectors ORDER BY id").map {
          try $0.getOptional("place", as: [Float].self)
        }
      }
      #expect(read == vectors + vectors)
      let found = try await database.read { transaction in
        try transaction.query("SELECT id FROM vectors WHERE place = \([1, 2, 3, 4] as [Float]) ORDER BY id").map {
          try $0.get("id", as: Int.self)
        }
      }
      #expect(found == [3, 13])
    },
    DatabaseConformanceCase("a vector of as many numbers as may be") { database in
      try await makeVectors(dimensions: 16_000, on: database)
      let vector = (0..<16_000).map { Float($0) / 7 }
      try await insert(vector, into: database)
      let read = try await database.read { transaction in
        try transaction.first("SELECT place FROM vectors")?.get("place", as: [Float].self)
      }
      #expect(read == vector)
    },
    DatabaseConformanceCase("a vector is read where another connection wrote it, row by row and beside other columns") {
      database in
      try await makeVectors(dimensions: 2, on: database)
      for id in 0..<5 { try await insert([Float(id), 0.5], id: id, into: database) }
      let read = try await withThrowingTaskGroup { group in
        for _ in 0..<8 {
          group.addTask {
            try await database.read { transaction in
              var read: [Float] = []
              try transaction.forEach("SELECT id, place, 'x' AS text FROM vectors ORDER BY id") { row in
                read.append(try row.get("place", as: [Float].self)[0])
                #expect(try row.get("text") == "x")
              }
              return read
            }
          }
        }
        var all: [[Float]] = []
        for try await read in group { all.append(read) }
        return all
      }
      #expect(read == Array(repeating: [0, 1, 2, 3, 4], count: 8))
    },
    DatabaseConformanceCase("vectors of another length, without numbers and beyond numbers are refused") { database in
      try await makeVectors(dimensions: 3, on: database)
      let refused: [[Float]] = [
        [], [1, 2], [1, 2, 3, 4], [1, .infinity, 3], [1, .nan, 3], Array(repeating: 1, count: 16_001),
      ]
      for vector in refused {
        let kind = await FailureKind.awaiting { try await insert(vector, into: database) }
        #expect(kind == .check, "\(vector.prefix(4))")
      }
      try await insert([1, 2, 3], into: database)
      #expect(try await database.read { try count("vectors", in: $0) } == 1)
    },
  ]

  /// Makes `vectors (id, place)`, where `place` is a vector of so many numbers and may be null.
  private static func makeVectors(dimensions: Int, on database: any Database) async throws {
    let table = Migration("0002_vectors") { dialect in
      [
        """
        CREATE TABLE vectors (
          id \(type: .integer) PRIMARY KEY,
          \(vectorColumn: "place", dimensions: dimensions)
        )\(dialect.tableSuffix)
        """
      ]
    }
    try await Migrator([.vectors("0001_vectors"), table]).migrate(database, at: ManualClock().now())
  }

  private static func insert(_ vector: [Float], id: Int = 1, into database: any Database) async throws {
    _ = try await database.write { transaction in
      try transaction.execute("INSERT INTO vectors (id, place) VALUES (\(id), \(vector))")
    }
  }
}
