import Storage
import Testing
import Values

@Suite("Row")
struct RowTests {
  private static let moment = Instant(microseconds: -1)

  private let row = Row(
    columns: Row.Columns(names: ["n", "x", "t", "b", "m", "i", "d", "nothing"]),
    values: [
      .integer(1), .double(2.5), .text("2026-11-22"), .bool(false), .money(Money(micros: 7)), .instant(moment),
      .day(CalendarDay(daysSinceEpoch: 3)), .null,
    ])

  @Test("columns are read by name as their own kind")
  func ownKinds() throws {
    #expect(try row.get("n", as: Int.self) == 1)
    #expect(try row.get("n", as: Int64.self) == 1)
    #expect(try row.get("x", as: Double.self) == 2.5)
    #expect(try row.get("t", as: String.self) == "2026-11-22")
    #expect(try row.get("b", as: Bool.self) == false)
    #expect(try row.get("m", as: Money.self) == Money(micros: 7))
    #expect(try row.get("i", as: Instant.self) == Self.moment)
    #expect(try row.get("d", as: CalendarDay.self) == CalendarDay(daysSinceEpoch: 3))
  }

  @Test("what a database stores in place of a kind is read as that kind")
  func storedKinds() throws {
    #expect(try row.get("n", as: Bool.self) == true)
    #expect(try row.get("n", as: Double.self) == 1)
    #expect(try row.get("n", as: Money.self) == Money(micros: 1))
    #expect(try row.get("n", as: Instant.self) == Instant(microseconds: 1))
    #expect(try row.get("t", as: CalendarDay.self) == CalendarDay("2026-11-22"))
    #expect(try row.get("t", as: AdID.self) == AdID("2026-11-22"))
  }

  @Test("null is read as nil, and only where nil is asked for")
  func nulls() throws {
    #expect(try row.getOptional("nothing", as: Int.self) == nil)
    #expect(try row.getOptional("n", as: Int.self) == 1)
    #expect(throws: DatabaseError.unreadableColumn("nothing")) { try row.get("nothing", as: Int.self) }
  }

  @Test("a missing column is an error, for an optional value too")
  func missing() {
    #expect(throws: DatabaseError.unreadableColumn("absent")) { try row.get("absent", as: Int.self) }
    #expect(throws: DatabaseError.unreadableColumn("absent")) { try row.getOptional("absent", as: Int.self) }
  }

  @Test("a column of another kind is an error")
  func otherKinds() {
    #expect(throws: DatabaseError.unreadableColumn("x")) { try row.get("x", as: Int.self) }
    #expect(throws: DatabaseError.unreadableColumn("x")) { try row.get("x", as: Money.self) }
    #expect(throws: DatabaseError.unreadableColumn("t")) { try row.get("t", as: Int.self) }
    #expect(throws: DatabaseError.unreadableColumn("t")) { try row.get("t", as: Instant.self) }
    #expect(throws: DatabaseError.unreadableColumn("n")) { try row.get("n", as: String.self) }
    #expect(throws: DatabaseError.unreadableColumn("d")) { try row.getOptional("d", as: String.self) }
  }

  @Test("of two columns with one name the first is read")
  func sameName() throws {
    let row = Row(columns: Row.Columns(names: ["id", "id"]), values: [.integer(1), .integer(2)])
    #expect(try row.get("id", as: Int.self) == 1)
  }

  @Test("every error says what happened")
  func descriptions() {
    let errors: [DatabaseError] = [
      .uniqueViolation("why"), .foreignKeyViolation("why"), .checkViolation("why"), .busy("why"), .unavailable("why"),
      .unreadableColumn("why"), .schemaMismatch("why"), .failed("why"),
    ]
    for error in errors { #expect(error.description.contains("why")) }
    #expect(Set(errors.map(\.description)).count == errors.count)
  }
}
