import App
import AppTestKit
import Creatives
import Formats
import TestKit
import Testing
import Values
import Web

/// Winners taken from one installation to another, and files of them.
struct WinnerTransferTests {
  private static func filled() async throws -> WinnerBench {
    let bench = try await WinnerBench()
    try await bench.describe("1", hook: #"A "quoted", brush"#)
    try await bench.feed("1")
    try await bench.feed("2")
    try await bench.feed("2", clicks: 0, day: "2026-05-02")
    try await bench.test.workOffJobs()
    return bench
  }

  private static func rows(_ bench: WinnerBench) async throws -> [WinnerRow] {
    var rows: [WinnerRow] = []
    try await bench.test.system.winnerTransfer.export(bench.account) { rows += $0 }
    return rows
  }

  private static func lines(_ rows: [WinnerRow]) -> String {
    rows.map { row in
      var json = JSONWriter()
      row.write(to: &json)
      return json.string + "\n"
    }.joined()
  }

  @Test("What is exported comes back the same, as lines of JSON and as a table", arguments: ["w.jsonl", "w.csv"])
  func roundTrip(_ name: String) async throws {
    let bench = try await Self.filled()
    let rows = try await Self.rows(bench)
    #expect(rows.map(\.adID.value) == ["1", "2"])
    let text =
      name.hasSuffix(".csv")
      ? try ([WinnerRow.fields] + rows.map { try $0.cells }).map { CSVWriter.line($0) }.joined() : Self.lines(rows)
    let other = try await WinnerBench()
    let path = try other.test.file(name, text.utf8)
    #expect(try await other.test.system.winnerTransfer.importFile(path, into: other.account) == 2)
    #expect(try await Self.lines(Self.rows(other)) == Self.lines(rows))
    #expect(try await other.found("brush") == ["1"])
    try await other.test.workOffJobs()
    #expect(try await Self.lines(Self.rows(other)) == Self.lines(rows))
  }

  @Test("A table may have columns of DNA beside a winner's own")
  func columns() async throws {
    let bench = try await WinnerBench()
    let path = try bench.test.file("w.csv", "ad_id,ctr,hook_text,owner\n7,0.05,brush,Ann\n".utf8)
    #expect(try await bench.test.system.winnerTransfer.importFile(path, into: bench.account) == 1)
    try await bench.test.workOffJobs()
    #expect(try await bench.found("brush") { $0.filter.minCTR = 0.05 } == ["7"])
    #expect(try await bench.remembered()["7"]?.winner.reason == .hand)
  }

  @Test("Nothing of a file with a bad line is taken, and each is named")
  func badLines() async throws {
    let bench = try await WinnerBench()
    let lines = [#"{"ad_id": "1"}"#, #"{"ad_id": "2", "ctr": 5}"#, "{}", ""].joined(separator: "\n")
    let path = try bench.test.file("w.jsonl", lines.utf8)
    let error = await #expect(throws: RecordFileError.self) {
      try await bench.test.system.winnerTransfer.importFile(path, into: bench.account)
    }
    let text = try #require(error).description
    #expect(text.contains("line 2: ctr is 5") && text.contains("line 3: ad_id is missing"))
    #expect(try await bench.remembered().isEmpty)
    await #expect(throws: RecordFileError.self) {
      try await bench.test.system.winnerTransfer.importFile(bench.test.path("none.jsonl"), into: bench.account)
    }
  }

  @Test(
    "An embedding goes with its model, and has direction",
    arguments: [
      #"{"ad_id": "1", "model": "m"}"#, #"{"ad_id": "1", "embedding": [1]}"#,
      #"{"ad_id": "1", "won_at": "2026-05-02T00:00:00Z", "lost_at": "2026-05-01T00:00:00Z"}"#,
      #"{"ad_id": "1", "text_hash": "abc"}"#, #"{"ad_id": "1", "colour": "red"}"#,
    ])
  func refused(_ line: String) {
    #expect(throws: InvalidInput.self) { try WinnerRow.read(Array(line.utf8)) }
  }

  @Test("DNA comes from files of JSON and from tables", arguments: ["d.jsonl", "d.json", "d.csv"])
  func dna(_ name: String) async throws {
    let bench = try await WinnerBench()
    let text =
      switch name {
      case "d.csv": "ad_id,hook_type,has_faces,unknown\n1,question,yes,x\n2,story,,\n"
      case "d.json": #"[{"ad_id": "1", "dna": {"hook_type": "question"}}, {"ad_id": "2", "hook_type": "story"}]"#
      default: #"{"ad_id": "1", "hook_type": "question"}"# + "\n" + #"{"ad_id": "2", "hook": {"hook_type": "story"}}"#
      }
    let path = try bench.test.file(name, text.utf8)
    #expect(try await bench.test.system.creatives.importFile(path, into: bench.account) == 2)
    let second = try await bench.test.system.creatives.dna(of: #require(AdID("2")), account: bench.account).dna
    #expect(second.hook.type?.value == "story")
  }
}
