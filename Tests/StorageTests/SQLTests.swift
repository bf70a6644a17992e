import Storage
import Testing
import Values

@Suite("SQL")
struct SQLTests {
  @Test("a literal without values is its own text")
  func plainText() {
    let sql: SQL = "SELECT '$1', \"?1\" FROM ads -- \\"
    for dialect in Dialect.allCases { #expect(sql.text(dialect) == "SELECT '$1', \"?1\" FROM ads -- \\") }
    #expect(sql.bindings == [])
  }

  @Test("values become numbered placeholders, in each dialect's way")
  func placeholders() throws {
    let account = try #require(AccountID("acme"))
    let sql: SQL = "SELECT * FROM ads WHERE account_id = \(account) AND spend > \(Money(micros: 5)) LIMIT \(10)"
    #expect(sql.text(.sqlite) == "SELECT * FROM ads WHERE account_id = ?1 AND spend > ?2 LIMIT ?3")
    #expect(sql.text(.postgresql) == "SELECT * FROM ads WHERE account_id = $1 AND spend > $2 LIMIT $3")
    #expect(sql.bindings == [.text("acme"), .money(Money(micros: 5)), .integer(10)])
  }

  @Test("a value never becomes text")
  func injection() {
    let attack = "'; DROP TABLE ads; --"
    let sql: SQL = "SELECT * FROM ads WHERE name = \(attack)"
    #expect(sql.text(.sqlite) == "SELECT * FROM ads WHERE name = ?1")
    #expect(sql.bindings == [.text(attack)])
  }

  @Test("a value bound twice has two places")
  func boundTwice() {
    let name = "a"
    let sql: SQL = "\(name) = \(name)"
    #expect(sql.text(.postgresql) == "$1 = $2")
    #expect(sql.bindings == [.text("a"), .text("a")])
  }

  @Test("nested statements are numbered where they stand")
  func nested() {
    let inner: SQL = "b = \(2) OR c = \(3)"
    let middle: SQL = "(\(inner)) AND d = \(4)"
    let outer: SQL = "a = \(1) AND \(middle) AND \(inner) AND e = \(5)"
    #expect(outer.text(.sqlite) == "a = ?1 AND (b = ?2 OR c = ?3) AND d = ?4 AND b = ?5 OR c = ?6 AND e = ?7")
    #expect(outer.bindings == [1, 2, 3, 4, 2, 3, 5].map(SQLValue.integer))
    #expect(inner.text(.sqlite) == "b = ?1 OR c = ?2", "the parts stay what they were")
  }

  @Test("an empty statement may stand in another")
  func nestedEmpty() {
    let nothing: SQL = ""
    let sql: SQL = "SELECT \(1)\(nothing) LIMIT \(2)"
    #expect(sql.text(.postgresql) == "SELECT $1 LIMIT $2")
  }

  @Test("column types are named as the dialect has them, nested too")
  func types() {
    let column: SQL = "spend \(type: .money) NOT NULL"
    let table: SQL = "CREATE TABLE t (\(column), day \(type: .day))"
    #expect(table.text(.sqlite) == "CREATE TABLE t (spend INTEGER NOT NULL, day TEXT)")
    #expect(table.text(.postgresql) == "CREATE TABLE t (spend NUMERIC(24, 6) NOT NULL, day DATE)")
    #expect(table.bindings == [])
  }

  @Test("a column of vectors is described as the dialect has it")
  func vectorColumns() {
    let column: SQL = "\(vectorColumn: "place", dimensions: 3) NOT NULL"
    #expect(column.text(.sqlite) == "place BLOB CHECK (length(place) = 12) NOT NULL")
    #expect(column.text(.postgresql) == "place vector(3) CHECK (vector_dims(place) = 3) NOT NULL")
  }

  @Test("a vector's bytes are its numbers' bits, the lowest byte first, and no others are a vector's")
  func vectorBytes() {
    #expect(VectorBytes.bytes(of: [1, -2.5]) == [0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0])
    #expect(VectorBytes.numbers(of: [0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0]) == [1, -2.5])
    for bytes in [[], [1], [1, 2, 3, 4, 5]] as [[UInt8]] { #expect(VectorBytes.numbers(of: bytes) == nil) }
  }

  @Test("every Swift type binds as its own kind")
  func kinds() throws {
    let day = try #require(CalendarDay("2026-11-22"))
    let sql: SQL = """
      \(1) \(Int64.min) \(0.5) \("t") \(true) \(Money.zero) \(Instant(seconds: 1)) \(day) \
      \(try #require(AdID("ad"))) \([1, 2] as [UInt8]) \([0.5] as [Float]) \(SQLValue.null) \(Int?.none.sqlValue) \(Int?.some(3).sqlValue)
      """
    #expect(
      sql.bindings == [
        .integer(1), .integer(.min), .double(0.5), .text("t"), .bool(true), .money(.zero),
        .instant(Instant(seconds: 1)), .day(day), .text("ad"), .bytes([1, 2]), .vector([0.5]), .null, .null,
        .integer(3),
      ])
  }
}

@Suite("Dialect")
struct DialectTests {
  @Test("amounts and moments are stored in types that compare and sum exactly; text sorts by its bytes")
  func exactTypes() {
    #expect(Dialect.sqlite.name(of: .money) == "INTEGER")
    #expect(Dialect.sqlite.name(of: .instant) == "INTEGER")
    #expect(Dialect.postgresql.name(of: .money) == "NUMERIC(24, 6)")
    #expect(Dialect.postgresql.name(of: .instant) == "TIMESTAMPTZ")
    #expect(Dialect.postgresql.name(of: .text) == "TEXT COLLATE \"C\"")
  }

  @Test("SQLite's names are those that strict tables know")
  func strictNames() {
    for type in ColumnType.allCases {
      #expect(["BLOB", "INTEGER", "REAL", "TEXT"].contains(Dialect.sqlite.name(of: type)))
    }
  }

  @Test("only SQLite's tables carry a suffix")
  func suffix() {
    #expect(Dialect.sqlite.tableSuffix.text(.sqlite) == " STRICT")
    #expect(Dialect.postgresql.tableSuffix.text(.postgresql) == "")
  }
}
