import Testing

@testable import Storage

@Suite("Migration")
struct MigrationTests {
  @Test("the checksum is FNV-1a of the statements' text, so it is the same on every machine")
  func published() {
    #expect(Migration("m") { _ in [] }.checksum(for: .sqlite) == "cbf29ce484222325")
    #expect(Migration("m") { _ in ["a"] }.checksum(for: .sqlite) == "af63dc4c8601ec8c")
    #expect(Migration("m") { _ in ["foobar"] }.checksum(for: .sqlite) == "85944171f73967e8")
  }

  @Test("the checksum follows the statements and their order, not the name")
  func follows() {
    let one = Migration("m") { _ in ["a", "b"] }.checksum(for: .sqlite)
    #expect(one == Migration("n") { _ in ["a", "b"] }.checksum(for: .sqlite))
    #expect(one != Migration("m") { _ in ["b", "a"] }.checksum(for: .sqlite))
    #expect(one != Migration("m") { _ in ["a", "b", ""] }.checksum(for: .sqlite))
    #expect(one != Migration("m") { _ in ["ab"] }.checksum(for: .sqlite))
  }

  @Test("each dialect has its own checksum where its text differs")
  func dialects() {
    let typed = Migration("m") { _ in ["\(type: .money)"] }
    #expect(typed.checksum(for: .sqlite) != typed.checksum(for: .postgresql))
    let plain = Migration("m") { _ in ["DROP TABLE t"] }
    #expect(plain.checksum(for: .sqlite) == plain.checksum(for: .postgresql))
  }
}
