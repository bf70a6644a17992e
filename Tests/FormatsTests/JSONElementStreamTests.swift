import Formats
import Testing

@Suite struct JSONElementStreamTests {
  private func elements(
    _ chunks: [[UInt8]], limit: Int = 1 << 20
  ) throws -> [JSONElementStream.Element] {
    var stream = JSONElementStream(arrayMembers: ["data", "results"], maxElementBytes: limit)
    var found: [JSONElementStream.Element] = []
    for chunk in chunks { try stream.feed(chunk) { found.append($0) } }
    try stream.finish { found.append($0) }
    return found
  }

  private func texts(_ text: String) throws -> [String] {
    try elements([Array(text.utf8)]).map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  private func failure(_ text: String, limit: Int = 1 << 20) -> JSONStreamError? {
    do {
      _ = try elements([Array(text.utf8)], limit: limit)
      return nil
    } catch {
      return error as? JSONStreamError
    }
  }

  @Test(
    arguments: [
      ("", []), (" \n ", []), ("[]", []), ("[ ]\n[]", []), ("{\"data\":[]}", []), ("\u{FEFF}[1]", ["1"]),
      ("[{\"a\":1}, {\"b\":[2,{}]}]", ["{\"a\":1}", "{\"b\":[2,{}]}"]),
      ("[1, \"a,]\\\"\", null ,true,[2]]", ["1", "\"a,]\\\"\"", "null", "true", "[2]"]),
      ("{\"data\":[{\"a\":1}],\"paging\":{\"next\":\"]}\"}}", ["{\"a\":1}"]),
      ("{\"paging\": {\"x\":[1]}, \"n\": 12 , \"results\" : [ {} , 3 ] }", ["{}", "3"]),
      ("{\"data\":[1]}\n{\"data\":[2]}\n[3]", ["1", "2", "3"]),
      ("{\"a\":1}\n{\"b\":{\"data\":[1]}}\n", ["{\"a\":1}", "{\"b\":{\"data\":[1]}}"]),
      ("{}{ \"data\" : null }", ["{}", "{ \"data\" : null }"]), ("{\"d\\u0061ta\":[7]}", ["7"]),
      ("{\"data\":[1],\"results\":[2]}", ["1", "2"]),
    ] as [(String, [String])])
  func cutsElements(_ text: String, _ expected: [String]) throws {
    #expect(try texts(text) == expected)
  }

  @Test func tellsPlaces() throws {
    let text = "{\"data\":[\n  {\"é\":1},\n\t{\"b\":\n2}, 3]}\n{\"x\":1}"
    let places = try elements([Array(text.utf8)]).map { [$0.line, $0.column] }
    #expect(places == [[2, 3], [3, 2], [4, 5], [5, 1]])
  }

  @Test(arguments: [
    "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[{}{}]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}",
    "1",
    "\"a\"", "[1]]", "[1],", "}", "{\"data\":[1]", "{\"data\":[1],", "{\"data\":[1],}",
    "{\"data\":[1] \"x\":2}",
    "{\"data\":[1],\"x\":tru}", "{\"x\":01,\"data\":[1]}", "{\"x\":[},\"data\":[1]}", "{a:1}",
    "{\"data\" [1]}",
    "[{\"a\":1]", "[\"a", "{\"data\":[1],\"x\":}", "{\"a\\q\":1}", "{1:2}", "x", "[:]", "{\"data\":[1}]",
  ])
  func refusesFaultsAroundElements(_ text: String) {
    #expect(failure(text) != nil)
  }

  @Test func refusesHalfAByteOrderMark() {
    #expect(throws: JSONStreamError.self) { try elements([[0xEF, 0xBB]]) }
    #expect(throws: JSONStreamError.self) { try elements([[0xEF], [0x5B]]) }
  }

  @Test func locatesFaults() {
    #expect(failure("[1,\n 2 x]") == JSONStreamError(line: 2, column: 4, rule: .unexpectedByte(0x78)))
    #expect(
      failure("{\"data\":[1],\n\"x\":\n 01}") == JSONStreamError(line: 3, column: 2, rule: .invalidNumber))
    #expect(failure("{\n\"x\":01,\"data\":[]}") == JSONStreamError(line: 2, column: 5, rule: .invalidNumber))
    #expect(failure("[\n[") == JSONStreamError(line: 2, column: 2, rule: .unexpectedEnd))
  }

  @Test func limitsElements() throws {
    let exact = "[\"12345678\"]"
    #expect(try elements([Array(exact.utf8)], limit: 10).count == 1)
    #expect(failure(exact, limit: 9) == JSONStreamError(line: 1, column: 2, rule: .tooLarge(limit: 9)))
    #expect(failure("\n{   \"a\":1}", limit: 9)?.rule == .tooLarge(limit: 9))
    // A container is not an element, however large it grows.
    #expect(try texts("{\"data\":[" + String(repeating: "1,", count: 100_000) + "1]}").count == 100_001)
  }

  @Test func everySplitGivesTheSameElements() throws {
    let text = """
      \u{FEFF}{"paging":{"a":[1,"\\"]"]},"data":[{"é":1.5e3},"🎬\\\\",12, null],"z":-1 }
      {"a":"}{","b":[{}]}
      [[1,2],true,{"data":[1]}]\r\n
      """
    let bytes = Array(text.utf8)
    let whole = try elements([bytes])
    #expect(whole.count == 8)
    for cut in 0...bytes.count {
      #expect(try elements([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole)
    }
    #expect(try elements(bytes.map { [$0] }) == whole)
    var random = Seeded(4)
    for _ in 0..<500 { #expect(try elements(random.chunks(of: bytes, longest: 9)) == whole) }
  }

  @Test func mutationsBehaveTheSameInAnySplit() {
    var random = Seeded(5)
    let alphabet = Array("{}[]\",:\\ \n1".utf8)
    let valid = Array("{\"p\":{\"a\":[1]},\"data\":[{\"b\":\"x\"},2]}\n{\"c\":[]}\n[3,{}]".utf8)
    for _ in 0..<20_000 {
      let bytes = random.mutated(valid, with: alphabet)
      let whole = Result { try elements([bytes]) }
      let split = Result { try elements(random.chunks(of: bytes, longest: 5)) }
      switch (whole, split) {
      case (.success(let first), .success(let second)): #expect(first == second)
      case (.failure(let first as JSONStreamError), .failure(let second as JSONStreamError)):
        #expect(first == second)
      default: Issue.record("\(bytes)")
      }
    }
  }
}
