import Formats
import Testing

@Suite struct JSONReaderTests {
  private func rule(_ text: String, _ body: (inout JSONReader) throws -> Void) -> JSONError? {
    rule(Array(text.utf8), body)
  }

  private func rule(_ bytes: [UInt8], _ body: (inout JSONReader) throws -> Void) -> JSONError? {
    do {
      try JSONReader.read(bytes, body)
      return nil
    } catch {
      return error as? JSONError
    }
  }

  private static let accepted: [(text: String, value: JSONValue)] = [
    ("0", .number("0")), ("-0", .number("-0")), ("12", .number("12")), ("-0.5", .number("-0.5")),
    ("1e5", .number("1e5")), ("1E+5", .number("1E+5")), ("1.25e-7", .number("1.25e-7")),
    ("123456789012345678901234567890", .number("123456789012345678901234567890")),
    ("true", .bool(true)), ("false", .bool(false)), ("null", .null), ("[]", .array([])), ("{}", .object([:])),
    (" [ 1 , 2 ] ", .array([1, 2])), ("{\"a\":{\"b\":[null]}}", .object(["a": .object(["b": .array([.null])])])),
    ("\t\r\n{ \"a\" : 1 }\n", .object(["a": 1])), ("{\"\":0}", .object(["": 0])), ("\"\"", .string("")),
    ("\"\\u0000\\/\\b\\f\"", .string("\u{0}/\u{8}\u{C}")), ("\"\u{7F}\"", .string("\u{7F}")),
    ("\"\\ud83c\\udfac\"", .string("🎬")), ("\"漢é🎬\"", .string("漢é🎬")),
  ]

  @Test(arguments: accepted)
  func readsAndSkips(_ text: String, _ value: JSONValue) throws {
    #expect(try JSONReader.read(text) { try $0.readValue() } == value)
    // Skipping has to read to the end of the value: whatever is left over is an error.
    try JSONReader.read(text) { try $0.skipValue() }
  }

  @Test(arguments: [
    "", " ", "01", "-", "+1", "1.", ".5", "1e", "1e+", "-01", "0x10", "NaN", "Infinity", "-Infinity", "tru",
    "nul", "True", "[1,]", "[,1]", "[1 2]", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}",
    "[", "{", "\"", "[1", "{\"a\":1", "\"a\nb\"", "\"\\x\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\ud83c\"",
    "\"\\udfac\"", "\"\\ud83cx\"", "\"\\ud83c\\u0041\"", "1 2", "[]]", "// c\n1", "[1}", "{\"a\":1]",
    "\u{FEFF}1", "\"\t\"", "1a", "-a", "{1:2}", "\u{A0}1",
  ])
  func refuses(_ text: String) {
    #expect(rule(text) { try $0.skipValue() } != nil)
    #expect(rule(text) { _ = try $0.readValue() } != nil)
  }

  @Test(
    arguments: [
      [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
      [0xE2, 0x82], [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
    ] as [[UInt8]])
  func refusesInvalidUTF8(_ bytes: [UInt8]) {
    let error = rule([0x22, 0x61] + bytes + [0x22]) { _ = try $0.readString() }
    #expect(error == JSONError(offset: 2, rule: .invalidUTF8))
  }

  @Test func tellsWhereAndWhat() {
    #expect(rule("[1,x]") { try $0.skipValue() } == JSONError(offset: 3, rule: .unexpectedByte(0x78)))
    #expect(rule("1 x") { try $0.skipValue() } == JSONError(offset: 2, rule: .trailingBytes))
    #expect(rule("[01]") { try $0.skipValue() }?.rule == .invalidNumber)
    #expect(rule("\"\\q\"") { try $0.skipValue() }?.rule == .invalidEscape)
    #expect(rule("\"\u{1}\"") { try $0.skipValue() }?.rule == .invalidString)
    let mismatch = JSONError.Rule.typeMismatch(expected: "string", found: "number")
    #expect(rule(" 5") { _ = try $0.readString() } == JSONError(offset: 1, rule: mismatch))
    #expect(rule("1e400") { _ = try $0.readDouble() }?.rule == .numberOutOfRange)
    #expect(JSONError(offset: 12, rule: .unexpectedByte(0x7D)).description == "byte 12: unexpected byte '}'")
    #expect(JSONError(offset: 0, rule: .unexpectedByte(9)).description == "byte 0: unexpected byte 0x09")
  }

  @Test func limitsDepthAtThirtyTwo() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    try JSONReader.read(nested(32)) { try $0.skipValue() }
    _ = try JSONReader.read(nested(32)) { try $0.readValue() }
    #expect(rule(nested(33)) { try $0.skipValue() } == JSONError(offset: 32, rule: .tooDeep(limit: 32)))
    #expect(rule(nested(33)) { _ = try $0.readValue() }?.rule == .tooDeep(limit: 32))
    #expect(rule(String(repeating: "{\"a\":", count: 100_000)) { try $0.skipValue() }?.offset == 160)
    // Levels are given back when a container closes.
    try JSONReader.read("[" + Array(repeating: nested(31), count: 50).joined(separator: ",") + "]") {
      try $0.skipValue()
    }
  }

  @Test(
    arguments: [
      ("0", 0), ("-0", 0), ("12", 12), ("-3", -3), ("12.0", 12), ("1.2e1", 12), ("1200e-2", 12), ("0e999", 0),
      ("9223372036854775807", .max), ("-9223372036854775808", .min), ("9223372036854775807.000", .max),
      ("0.000000000000000000000012e24", 12), ("1e18", 1_000_000_000_000_000_000),
      ("-0.0e-99999999999999999999", 0),
    ] as [(String, Int64)])
  func readsIntegers(_ text: String, _ expected: Int64) throws {
    #expect(try JSONReader.read(text) { try $0.readInteger() } == expected)
  }

  @Test func refusesIntegersThatAreNot() {
    for text in [
      "9223372036854775808", "-9223372036854775809", "1e19", "1e99999999999999999999", "99999999999999999999",
    ] {
      #expect(rule(text) { _ = try $0.readInteger() }?.rule == .numberOutOfRange, "\(text)")
    }
    for text in ["1.5", "1e-1", "0.1", "123456789012345678901.5", "1e-99999999999999999999"] {
      let rule = rule(text) { _ = try $0.readInteger() }?.rule
      #expect(rule == .typeMismatch(expected: "integer", found: "number with a fraction"), "\(text)")
    }
    let rule = rule("true") { _ = try $0.readInteger() }?.rule
    #expect(rule == .typeMismatch(expected: "integer", found: "bool"))
  }

  @Test(arguments: [
    "0", "-0.0", "0.1", "123.456", "5e-324", "2.2250738585072011e-308", "1.7976931348623157e308", "1e22",
    "1e23",
    "9007199254740993", "9007199254740992.5", "1e-400", "0.30000000000000004", "179769313486231570793e288",
    "1.00000000000000011102230246251565404236316680908203125",
    "1.00000000000000011102230246251565404236316680908203126",
  ])
  func readsNearestDouble(_ text: String) throws {
    let value = try JSONReader.read(text) { try $0.readDouble() }
    #expect(value.bitPattern == Double(text)?.bitPattern)
  }

  @Test func readsFieldsInOrder() throws {
    var seen: [String] = []
    let text =
      "{\"name\":\"A\\u00e9\\n\\ud83c\\udfac\",\"n\":-1.5,\"ok\":true,\"no\":null,\"list\":[1,[2],{}]}"
    try JSONReader.read(text) { reader in
      try reader.readObject { key, reader in
        switch key {
        case "name": seen.append(try reader.readString())
        case "n": seen.append(try reader.readNumberText())
        case "ok": seen.append("\(try reader.readBool())")
        case "no": seen.append("\(try reader.readNull())")
        default:
          #expect(try reader.readNull() == false)
          try reader.readArray { index, reader in
            seen.append("\(index)\(try reader.peekKind().rawValue)")
            try reader.skipValue()
          }
        }
      }
    }
    #expect(seen == ["Aé\n🎬", "-1.5", "true", "true", "0number", "1array", "2object"])
  }

  @Test func closureMustConsumeItsValue() {
    #expect(
      rule("{\"a\":1}") { try $0.readObject { _, _ in } } == JSONError(offset: 5, rule: .unexpectedByte(0x31))
    )
    #expect(rule("[1]") { try $0.readArray { _, _ in } }?.rule == .unexpectedByte(0x31))
    #expect(rule("1") { _ in }?.rule == .trailingBytes)
  }

  @Test(arguments: [
    "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"\\u0061\":1,\"a\":2}", "{\"\":1,\"\":2}",
    "{\"a_rather_long_key_name\":1,\"b\":{\"b\":1},\"a_rather_long_key_name\":2}",
  ])
  func refusesDuplicateKeys(_ text: String) {
    let error = rule(text) { _ = try $0.readValue() }
    guard case .duplicateKey? = error?.rule else {
      Issue.record("\(text): \(String(describing: error))")
      return
    }
  }

  @Test func allowsKeysThatOnlyLookAlike() throws {
    let keys = ["a", "A", "e\u{301}", "\u{e9}", "abcdefgh1abcdefgh", "abcdefgh2abcdefgh", "", " "]
    let text = "{" + keys.map { "\"\($0)\":{\"a\":[{\"a\":0}]}" }.joined(separator: ",") + "}"
    #expect(try JSONReader.read(text) { try $0.readValue() }.kind == .object)
  }

  @Test(arguments: [1, 63, 64, 65, 300])
  func findsDuplicatesInLargeObjects(_ count: Int) throws {
    let members = (0..<count).map { "\"key\($0)\":\($0)" }
    _ = try JSONReader.read("{" + members.joined(separator: ",") + "}") { try $0.readValue() }
    let doubled = "{" + (members + ["\"key\(count / 2)\":0"]).joined(separator: ",") + "}"
    #expect(rule(doubled) { _ = try $0.readValue() }?.rule == .duplicateKey("key\(count / 2)"))
  }

  @Test func mutationsNeverCrash() throws {
    var random = Seeded(7)
    let alphabet = Array("{}[]\",:\\u0e-+.tfn ".utf8)
    for _ in 0..<20_000 {
      var writer = JSONWriter()
      random.jsonValue(depth: 4).write(to: &writer)
      let bytes = random.mutated(writer.bytes, with: alphabet)
      let value = try? JSONReader.read(bytes) { try $0.readValue() }
      let isSkipped = (try? JSONReader.read(bytes) { try $0.skipValue() }) != nil
      if let value {
        #expect(isSkipped)
        var again = JSONWriter()
        value.write(to: &again)
        #expect(try JSONReader.read(again.bytes) { try $0.readValue() } == value)
      }
      _ = try? JSONReader.read(bytes) { try $0.readInteger() }
      _ = try? JSONReader.read(bytes) { try $0.readDouble() }
    }
  }
}
