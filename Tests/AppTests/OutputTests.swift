import AppTestKit
import Foundation
import Logging
import Storage
import Synchronization
import Testing

@testable import App

/// What is printed and logged: where it cannot be written, and where it holds what a terminal would obey.
struct OutputTests {
  private static let ads = "ad_id,date,impressions,clicks,spend\n1,2026-05-01,1000,10,50\n2,2026-05-01,2000,30,49\n"

  @Test(
    "Output that cannot be written ends the command with one line and status 74",
    arguments: [
      (#"exec "$0" "$@" >/dev/full"#, "No space left on device"), (#"exec "$0" "$@" >&-"#, "Bad file descriptor"),
    ])
  func unwritable(_ script: String, _ reason: String) async throws {
    let program = try await Program()
    try await program.output("accounts", "create", "--account", "acme")
    for arguments in [["accounts", "list"], ["config", "show", "--account", "acme"], ["doctor"]] {
      let outcome = try await run(program, script, arguments)
      #expect(outcome.status == 74, "\(arguments)")
      #expect(outcome.errors == "standard output cannot be written: \(reason)\n")
    }
    #expect(try await program.output("accounts", "list").contains("acme"), "the database is not written over")
  }

  private func run(_ program: Program, _ script: String, _ arguments: [String]) async throws -> Program.Outcome {
    switch arguments.count {
    case 1: try await program.run(by: script, arguments[0])
    case 2: try await program.run(by: script, arguments[0], arguments[1])
    default: try await program.run(by: script, arguments[0], arguments[1], arguments[2], arguments[3])
    }
  }

  @Test("A decision whose table cannot be written is stored, and the line says its id")
  func decision() async throws {
    let program = try await Program()
    try await program.output("accounts", "create", "--account", "acme")
    try program.write(Self.ads, to: "ads.csv")
    try await program.output("import", "ads-csv", "ads.csv", "--account", "acme")
    let outcome = try await program.run(
      by: #"exec "$0" "$@" >/dev/full"#, "decide", "--account", "acme", "--budget", "100", "--date", "2026-05-01")
    #expect(outcome.status == 74)
    let match = try #require(outcome.errors.wholeMatch(of: #/standard output .*; decision (acme:\w+) is stored\n/#))
    #expect(try await program.output("explain", "\(match.1)").contains("\(match.1)"))
  }

  @Test("A reader that has gone ends the command without a word")
  func closedPipe() async throws {
    let program = try await Program()
    try await program.output("accounts", "create", "--account", "acme")
    _ = try program.pipe("nobody")
    let outcome = try await program.run(
      by: #"exec 5<>nobody 6>nobody 5<&-; exec "$0" "$@" >&6"#, "accounts", "list")
    #expect(outcome.status == -SIGPIPE)
    #expect(outcome.errors == "")
  }

  @Test("Tables escape control characters, and are as wide as what is shown")
  func table() {
    var table = Table(["ad", "spend"])
    table.add(["a\u{1B}[31m\nb\u{9B}", "1"])
    #expect(table.text.split(separator: "\n").last == #"a\u{1B}[31m\u{A}b\u{9B}  1"#)
    #expect(Printable.text("Köln\t1\n€\u{7F}") == "Köln\t1\n€\\u{7F}")
  }

  @Test(
    "A cell of CSV is no formula to a spreadsheet",
    arguments: [
      ("=cmd|calc", "'=cmd|calc"), ("+1+1", "'+1+1"), ("-2+3", "'-2+3"), ("@SUM(A1)", "'@SUM(A1)"),
      ("\tx", "'\tx"), ("-12.5", "-12.5"), ("+45.3 %", "+45.3 %"), ("-45.3 %", "-45.3 %"), ("1202", "1202"), ("", ""),
    ])
  func formula(_ cell: String, _ written: String) {
    #expect(CSVLine.text(["x", cell]) == "x,\(written)")
  }

  @Test("What is logged is one line, whatever text it repeats")
  func log() {
    let collected = CollectingLogHandler()
    var logger = Logger(label: "test") { _ in PrintableLogHandler(collected) }
    logger[metadataKey: "request"] = "1\u{1B}"
    logger.warning("HubSpot says\nforged", metadata: ["error": "a\r\nb", "list": ["\u{7}"]])
    #expect(collected.lines == [#"HubSpot says\u{A}forged error=a\u{D}\u{A}b list=[\u{7}] request=1\u{1B}"#])
  }
}
