import Testing
import Values

@Suite struct AccountIDTests {
  @Test(arguments: ["a", "Z", "0", "act_123", "acme-ltd.de", "a.", "9__", "A1-_."])
  func acceptsWhatTheRuleAllows(text: String) throws {
    let id = try #require(AccountID(text))
    #expect(id.value == text)
    #expect(id.description == text)
  }

  @Test(arguments: ["", "_a", "-a", ".a", " a", "a ", "a b", "a/b", "a\nb", "é", "aé", "a\u{0}", "a:b", "a%", "аб"])
  func rejectsTheRest(text: String) {
    #expect(AccountID(text) == nil)
  }

  @Test func has64Bytes() {
    #expect(AccountID(String(repeating: "a", count: 64)) != nil)
    #expect(AccountID(String(repeating: "a", count: 65)) == nil)
  }

  @Test func holdsLettersDigitsAndThreeSigns() {
    let accepted = (UInt8(0)...127).filter { AccountID("a" + String(UnicodeScalar($0))) != nil }
    let expected = "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
    #expect(String(decoding: accepted, as: UTF8.self) == expected)
  }

  @Test func ordersAndCompares() throws {
    let first = try #require(AccountID("a"))
    let second = try #require(AccountID("b"))
    #expect(first < second)
    #expect(!(second < first))
    #expect(Set([first, second, try #require(AccountID("a"))]).count == 2)
  }
}

@Suite struct AdIDTests {
  @Test(arguments: ["1", "23851234567890123", "Spring sale, v2", "広告-é", "a\u{A0}b", "_", "🎬"])
  func acceptsWhatTheRuleAllows(text: String) throws {
    let id = try #require(AdID(text))
    #expect(id.value == text)
    #expect(id.description == text)
  }

  @Test(arguments: [
    "", " ", " a", "a ", "a\tb", "a\n", "\u{0}", "a\u{7F}", "a\u{1F}b",
    // Control characters and white space beyond ASCII.
    "a\u{85}b", "a\u{9F}", "\u{A0}a", "a\u{A0}", "\u{2003}a", "a\u{3000}", "a\u{2028}",
  ])
  func rejectsTheRest(text: String) {
    #expect(AdID(text) == nil)
  }

  @Test func has128Bytes() {
    #expect(AdID(String(repeating: "a", count: 128)) != nil)
    #expect(AdID(String(repeating: "a", count: 129)) == nil)
    #expect(AdID(String(repeating: "é", count: 64)) != nil)
    #expect(AdID(String(repeating: "é", count: 65)) == nil)
  }

  @Test func ordersAndCompares() throws {
    let first = try #require(AdID("10"))
    let second = try #require(AdID("9"))
    #expect(first < second)
    #expect(!(first < first))
    #expect(Set([first, second, try #require(AdID("10"))]).count == 2)
  }
}
