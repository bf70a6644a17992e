import Formats
import Testing

@Suite struct CSVTests {
  private func records(
    _ chunks: [[UInt8]], _ options: CSVReader.Options = .init()
  ) throws -> [CSVRecord] {
    var reader = CSVReader(options: options)
    var found: [CSVRecord] = []
    for chunk in chunks { try reader.feed(chunk) { found.append($0) } }
    try reader.finish { found.append($0) }
    return found
  }

  private func fields(_ text: String, _ options: CSVReader.Options = .init()) throws -> [[String]] {
    try records([Array(text.utf8)], options).map(\.fields)
  }

  private func failure(_ bytes: [UInt8], _ options: CSVReader.Options = .init()) -> CSVError? {
    do {
      _ = try records([bytes], options)
      return nil
    } catch {
      return error as? CSVError
    }
  }

  @Test(
    arguments: [
      ("", []), ("\n\r\n\r", []), ("a", [["a"]]), ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
      ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]), ("a\rb\r", [["a"], ["b"]]),
      ("a,\n,b", [["a", ""], ["", "b"]]),
      ("\"a,\"\"b\"\"\nc\",d", [["a,\"b\"\nc", "d"]]), ("\"\"\n\"\",", [[""], ["", ""]]), (",", [["", ""]]),
      ("\u{FEFF}a;b", [["a", "b"]]), ("a\tb,c\td", [["a", "b,c", "d"]]), ("\"x;y;z\",b\n", [["x;y;z", "b"]]),
      ("a;b\n1,5;2", [["a", "b"], ["1,5", "2"]]), ("\n\na;b", [["a", "b"]]), ("a, b \n", [["a", " b "]]),
      ("\"a\r\nb\"\r\n\r\nc", [["a\r\nb"], ["c"]]), ("é,漢,🎬", [["é", "漢", "🎬"]]),
    ] as [(String, [[String]])])
  func reads(_ text: String, _ expected: [[String]]) throws {
    #expect(try fields(text) == expected)
  }

  @Test func delimiterCanBeGiven() throws {
    #expect(try fields("a,b;c|d", .init(delimiter: UInt8(ascii: "|"))) == [["a,b;c", "d"]])
  }

  @Test func countsLines() throws {
    let text = "h\r\n\r\n\"a\r\nb\rc\nd\"\r\ne\rf\n\ng"
    #expect(try records([Array(text.utf8)]).map(\.line) == [1, 3, 7, 8, 10])
  }

  @Test(arguments: [
    ("a\nb,\"c", CSVError(line: 2, column: 3, rule: .unclosedQuote)),
    ("a\nb,c\"d", CSVError(line: 2, column: 4, rule: .quoteInsideField)),
    ("\"a\"b", CSVError(line: 1, column: 4, rule: .quoteInsideField)),
    ("\"a\nb\" ,c", CSVError(line: 2, column: 3, rule: .quoteInsideField)),
  ])
  func refuses(_ text: String, _ expected: CSVError) {
    #expect(failure(Array(text.utf8)) == expected)
  }

  @Test func refusesInvalidText() {
    #expect(failure([0x61, 0x2C, 0xFF, 0x0A]) == CSVError(line: 1, column: 3, rule: .invalidUTF8))
    #expect(failure([0x61, 0xC3])?.rule == .invalidUTF8)
    #expect(failure([0xFF, 0xFE, 0x61])?.rule == .invalidUTF8)
    #expect(failure([0xFF, 0xFE, 0x00, 0xD8, 0x61, 0x00])?.rule == .invalidUTF8)
    #expect(failure([0xFE, 0xFF, 0xDC, 0x00])?.rule == .invalidUTF8)
    #expect(failure([0xFE, 0xFF, 0xD8, 0x00])?.rule == .invalidUTF8)
  }

  @Test func keepsLimits() throws {
    var options = CSVReader.Options()
    options.maxFields = 3
    #expect(try fields("a,b,c", options).count == 1)
    #expect(failure(Array("x\na,b,c,d".utf8), options) == CSVError(line: 2, column: 7, rule: .tooManyFields))
    options.maxRecordBytes = 5
    #expect(try fields("a,b,c\nd,e,f", options).count == 2)
    #expect(
      failure(Array("a\n123456\nb".utf8), options) == CSVError(line: 2, column: 1, rule: .recordTooLarge))
    #expect(failure(Array("\"1\n3456".utf8), options)?.rule == .recordTooLarge)
  }

  @Test(arguments: [true, false])
  func readsUTF16(_ isLittleEndian: Bool) throws {
    let text = "\u{FEFF}Kampagne\tBetrag\r\nÜber 🎬\t\"1\t2\"\r\n"
    let bytes = text.utf16.flatMap { unit -> [UInt8] in
      let pair = [UInt8(unit & 0xFF), UInt8(unit >> 8)]
      return isLittleEndian ? pair : pair.reversed()
    }
    let expected = [["Kampagne", "Betrag"], ["Über 🎬", "1\t2"]]
    #expect(try records([bytes]).map(\.fields) == expected)
    #expect(try records(bytes.map { [$0] }).map(\.fields) == expected)
  }

  @Test func everySplitGivesTheSameRecords() throws {
    let text = "\u{FEFF}a;\"b\"\"\r\n;c\";é\r\n\r\n1;;\r\"\";\"🎬\"\n\nlast;\"x\""
    let bytes = Array(text.utf8)
    let whole = try records([bytes])
    #expect(whole.count == 4)
    for cut in 0...bytes.count {
      #expect(try records([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole)
    }
    #expect(try records(bytes.map { [$0] }) == whole)
    var random = Seeded(8)
    for _ in 0..<500 { #expect(try records(random.chunks(of: bytes, longest: 7)) == whole) }
  }

  @Test func mutationsBehaveTheSameInAnySplit() {
    var random = Seeded(9)
    let alphabet = Array(",;\"\r\n\ta".utf8)
    let valid = Array("name,note\r\n\"a\"\"b\",\"x\r\ny\"\r\nplain,é\n\n1,2\r3,4".utf8)
    for _ in 0..<20_000 {
      let bytes = random.mutated(valid, with: alphabet)
      let whole = Result { try records([bytes]) }
      let split = Result { try records(random.chunks(of: bytes, longest: 5)) }
      switch (whole, split) {
      case (.success(let first), .success(let second)): #expect(first == second)
      case (.failure(let first as CSVError), .failure(let second as CSVError)): #expect(first == second)
      default: Issue.record("\(bytes)")
      }
    }
  }

  @Test func writtenLinesReadBack() throws {
    #expect(CSVWriter.line(["a", "b,c", "d\"e", "f\r\ng", ""]) == "a,\"b,c\",\"d\"\"e\",\"f\r\ng\",\r\n")
    var random = Seeded(10)
    for _ in 0..<5_000 {
      let row = (0..<Int.random(in: 1..<6, using: &random)).map { _ in random.text() }
      let text = CSVWriter.line(row) + CSVWriter.line(["end"])
      #expect(try fields(text, .init(delimiter: UInt8(ascii: ","))) == [row, ["end"]])
    }
  }
}
