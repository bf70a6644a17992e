import Storage
import Testing
import Values

/// How a row that cannot be read is named.
@Suite("Stored tables")
struct StoredTableTests {
  private enum Light: String {
    case red, green
  }

  private struct Broken: Error, CustomStringConvertible {
    let description = "it is broken"
  }

  private let table = StoredTable("lights", key: "account_id", "number")
  private let row = Row(
    columns: Row.Columns(names: ["account_id", "number", "light"]),
    values: [.text("acme"), .integer(7), .text("blue")])

  @Test("a row that can be read is read")
  func good() throws {
    #expect(try table.read(row) { try $0.get("number", as: Int.self) } == 7)
    #expect(try table.read(key: ["acme", "7"]) { 1 } == 1)
  }

  @Test("a word that is none of its type's makes an error that names table, key and column")
  func word() throws {
    let green = Row(columns: Row.Columns(names: ["light"]), values: [.text("green")])
    #expect(try green.word("light", as: Light.self) == .green)
    let error = #expect(throws: UnreadableRow.self) { try table.read(row) { try $0.word("light", as: Light.self) } }
    #expect(error?.table == "lights")
    #expect(error?.key == "account_id=acme number=7")
    #expect(error?.problem == "column light does not hold what was expected")
  }

  @Test("whatever goes wrong while a row is read is the row's fault")
  func anyError() {
    let error = #expect(throws: UnreadableRow.self) { try table.read(key: ["acme", "7"]) { throw Broken() } }
    #expect(
      error?.description == "the row account_id=acme number=7 of lights cannot be read: it is broken; run the release "
        + "that wrote it, or restore it from a backup")
  }

  @Test("a row without its account or without a column of its key is named all the same")
  func partOfKey() throws {
    let row = Row(columns: Row.Columns(names: ["light"]), values: [.text("blue")])
    let error = #expect(throws: UnreadableRow.self) {
      try table.read(row, of: AccountID("acme")) { try $0.word("light", as: Light.self) }
    }
    #expect(error?.key == "account_id=acme number=?")
  }
}
