import Platforms
import RemoteAPIs
import Testing

struct SecretBoxTests {
  private static let key = Secret(String(repeating: "0f", count: 32))

  @Test("what is sealed opens for its place alone, differs each time, and shows nothing of itself")
  func sealed() throws {
    let box = try #require(SecretBox(key: Self.key))
    let (one, other) = (try box.seal(Secret("EAAB-token"), for: "a"), try box.seal(Secret("EAAB-token"), for: "a"))
    #expect(one != other)
    #expect(!one.contains("EAAB"))
    #expect(try box.open(one, for: "a") == Secret("EAAB-token"))
    #expect(throws: SecretBoxError.damaged) { try box.open(one, for: "b") }
  }

  @Test("another key is told from damage")
  func otherKey() throws {
    let box = try #require(SecretBox(key: Self.key))
    let other = try #require(SecretBox(key: Secret(String(repeating: "0e", count: 32))))
    let sealed = try box.seal(Secret("token"), for: "a")
    #expect(throws: SecretBoxError.otherKey) { try other.open(sealed, for: "a") }
    var bytes = Array(sealed.utf8)
    bytes[bytes.count - 1] = bytes[bytes.count - 1] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
    #expect(throws: SecretBoxError.damaged) { try box.open(String(decoding: bytes, as: UTF8.self), for: "a") }
    for text in ["", "v1", "v1.x.", "v2" + sealed.dropFirst(2), String(sealed.prefix(20)), sealed + "0"] {
      #expect(throws: SecretBoxError.self, "\(text)") { try box.open(text, for: "a") }
    }
  }

  @Test("keys are 64 hexadecimal digits", arguments: ["", "0f", String(repeating: "0g", count: 32), "é"])
  func badKeys(_ text: String) {
    #expect(SecretBox(key: Secret(text)) == nil)
  }
}
