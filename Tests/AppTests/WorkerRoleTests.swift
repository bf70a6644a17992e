import AppTestKit
import Database
import Jobs
import Logging
import TestKit
import Testing

@testable import App

/// A worker that ends by itself.
@Suite(.timeLimit(.minutes(1)))
struct WorkerRoleTests {
  /// Keeps the messages that are logged.
  private struct Recorder: LogHandler {
    let messages: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      messages.add("\(event.message)")
    }
  }

  private static func role(_ system: System, _ messages: Lines) -> WorkerRole {
    WorkerRole(
      system, queues: [.fatigueMonitoring: 1], settings: WorkerSettings(), endsWhenDone: true,
      logger: Logger(label: "test") { _ in Recorder(messages: messages) })
  }

  @Test("It ends once nothing is left to do, and has nothing to say")
  func ends() async throws {
    let messages = Lines()
    let test = try await TestSystem()
    try await Self.role(test.system, messages).run()
    #expect(messages.sorted == [])
  }

  @Test("It says that it cannot see whether jobs are left, and goes on")
  func cannotSee() async throws {
    let (test, messages) = (try await TestSystem(), Lines())
    try await test.system.database.write { _ = try $0.execute("ALTER TABLE jobs RENAME TO gone") }
    let working = Task { try await Self.role(test.system, messages).run() }
    while !messages.sorted.contains("whether jobs are left cannot be seen") {
      try Task.checkCancellation()
      await Task.yield()
    }
    try await test.system.database.write { _ = try $0.execute("ALTER TABLE gone RENAME TO jobs") }
    try await working.value
  }
}
