import App
import AppTestKit
import Execution
import Foundation
import Logging
import Platforms
import RemoteAPIs
import Sandbox
import Simulator
import Storage
import TestKit
import Testing
import Values

/// The product at work on a made-up world in one process.
struct TrialTests {
  @Test("Days pass, each with a line, and what was done is in the account afterwards")
  func command() async throws {
    let program = try await Program()
    let output = try await program.output(
      "trial", "--days", "3", "--days-per-minute", "1440", "--until-done", "--port", "\(try await FreePort.find())")
    let days = output.split(separator: "\n").filter { $0.contains(#/^20\d\d-\d\d-\d\d /#) }
    #expect(days.count == 3)
    #expect(try await program.output("changes", "list", "--account", "trial").contains("verified"))
    let again = try await program.run("trial", "--days", "1", "--port", "\(try await FreePort.find())")
    #expect(again.status == 2)
    #expect(again.errors.contains("trial exists already"))
  }

  @Test("In the mode observe nothing is written at the platform, whatever is decided and proposed")
  func observing() async throws {
    let database = try await TestDatabase(.system)
    let world = WorldSettings(.base, start: Instant(seconds: 1_780_012_800))
    var settings = TrialSettings(try #require(AccountID("acme")), world)
    settings.mode = .observe
    let sandbox = try Sandbox(settings.sandbox, transport: NoNetwork(), wallClock: { Instant(seconds: 1_780_012_800) })
    try await SandboxServer { await sandbox.reply(to: $0) }.serve { [settings] url in
      let logger = Logger(label: "trial") { _ in SwiftLogNoOpLogHandler() }
      let trial = try await Trial(settings, sandbox: sandbox, at: url, on: database.database, logger: logger)
      try await trial.setUp()
      for _ in 0..<24 { try await trial.pass() }
      let changes = try await trial.system.changes.list(AdChangeFilter(), of: settings.account).items
      #expect(!changes.isEmpty)
      #expect(changes.allSatisfy { [.proposed, .expired].contains($0.state) })
    }
    #expect(sandbox.changes.writes == 0)
    #expect(sandbox.changes.records.isEmpty)
  }
}
