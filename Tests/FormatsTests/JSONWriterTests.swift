import Formats
import Testing

@Suite struct JSONWriterTests {
  private func text(_ value: Double) -> String {
    var writer = JSONWriter()
    writer.value(value)
    return writer.string
  }

  @Test(
    arguments: [
      (0, "0"), (-0.0, "-0.0"), (12, "12"), (-3, "-3"), (0.5, "0.5"), (-0.000001, "-0.000001"),
      (12.34, "12.34"),
      (0.1 + 0.2, "0.30000000000000004"), (1e15, "1000000000000000"),
      (9_007_199_254_740_991, "9007199254740991"),
      (1e300, "1e+300"), (.leastNonzeroMagnitude, "5e-324"),
      (.infinity, "null"), (.nan, "null"), (100.01, "100.01"),
      (0.000123, "0.000123"),
      (1.000001, "1.000001"), (1e-7, "1e-07"),
    ] as [(Double, String)])
  func writesDoubles(_ value: Double, _ expected: String) {
    #expect(text(value) == expected)
  }

  @Test func doublesReadBackToTheSameBits() throws {
    var random = Seeded(1)
    for round in 0..<100_000 {
      let value =
        switch round % 4 {
        case 0, 1: Double(bitPattern: random.next())
        case 2: Double(Int.random(in: -1_000_000_000...1_000_000_000, using: &random)) / 1e6
        default: Double.random(in: -1e10...1e10, using: &random)
        }
      guard value.isFinite else { continue }
      let written = text(value)
      let read = try JSONReader.read(written) { try $0.readDouble() }
      #expect(read.bitPattern == value.bitPattern, "\(written)")
      #expect(written.filter(\.isNumber).count <= max(17, value.description.filter(\.isNumber).count))
    }
  }

  @Test func shortDecimalsAreTheShortest() {
    var random = Seeded(2)
    for _ in 0..<50_000 {
      let value = Double(Int.random(in: 1...999_999_999_999_999, using: &random)) / 1e6
      guard value != value.rounded() else { continue }
      #expect(text(value) == value.description)
    }
  }

  @Test func writesDocuments() {
    var writer = JSONWriter(reservingCapacity: 0)
    writer.object { writer in
      writer.member("d", 1.5)
      writer.member("i", -7)
      writer.member("u", UInt64.max)
      writer.member("l", Int64.min)
      writer.member("s", "a\"\\/\n\r\t\u{1}\u{1f}é🎬")
      writer.member("b", true)
      writer.member("none", nil as Double?)
      writer.key("list")
      writer.array { writer in
        writer.array { _ in }
        writer.object { _ in }
        writer.null()
        writer.value("static" as StaticString)
        writer.number(text: "0.10")
        writer.number(text: "0x1")
        writer.number(text: "")
      }
      writer.key("k\"\(1)")
      writer.value(false)
    }
    let expected = #"""
      {"d":1.5,"i":-7,"u":18446744073709551615,"l":-9223372036854775808,
      "s":"a\"\\/\n\r\t\u0001\u001fé🎬","b":true,"none":null,
      "list":[[],{},null,"static",0.10,"0x1",""],"k\"1":false}
      """#
    #expect(writer.string == expected.filter { $0 != "\n" })
  }

  @Test func randomValuesReadBack() throws {
    var random = Seeded(3)
    for _ in 0..<5_000 {
      let value = random.jsonValue(depth: 5)
      var writer = JSONWriter()
      value.write(to: &writer)
      #expect(try JSONReader.read(writer.bytes) { try $0.readValue() } == value)
      #expect(try JSONReader.read(JSONWriter.pretty(value)) { try $0.readValue() } == value)
    }
  }

  @Test func valuesHaveLiteralsAndAccessors() {
    let value: JSONValue = ["a": [1, 2.5, "x", true, nil], "b": ["c": "d"], "e": [], "f": [:]]
    #expect(value["a"]?.arrayValue?.count == 5)
    #expect(value["a"]?.arrayValue?[1].doubleValue == 2.5)
    #expect(value["b"]?["c"]?.stringValue == "d")
    #expect(value["zz"] == nil && value.stringValue == nil && value.doubleValue == nil)
    #expect(JSONValue.number("1e999").doubleValue == nil)
    let kinds = value["a"]?.arrayValue?.map(\.kind)
    #expect(kinds == [.number, .number, .string, .bool, .null])
    let pretty = """
      {
        "a": [
          1,
          2.5,
          "x",
          true,
          null
        ],
        "b": {
          "c": "d"
        },
        "e": [],
        "f": {}
      }
      """
    #expect(JSONWriter.pretty(value) == pretty)
  }
}
