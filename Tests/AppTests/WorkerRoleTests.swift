import AppTestKit
import Decisions
import Jobs
import Logging
import Storage
import TestKit
import Testing

@testable import App

/// A worker that ends by itself.
@Suite(.timeLimit(.minutes(15)))
struct WorkerRoleTests {
  /// Hands on the messages that are logged.
  private struct Recorder: LogHandler {
    let messages: AsyncStream<String>.Continuation
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      messages.yield("\(event.message)")
    }
  }

  private static func role(
    _ system: System, _ messages: AsyncStream<String>.Continuation
  ) -> WorkerRole {
    WorkerRole(
      system, queues: [MonitorFatigue.queue: 1], settings: WorkerSettings(), endsWhenDone: true,
      logger: Logger(label: "test") { _ in Recorder(messages: messages) })
  }

  @Test("It ends once nothing is left to do, and has nothing to say")
  func ends() async throws {
    let (lines, messages) = AsyncStream.makeStream(of: String.self)
    let test = try await TestSystem()
    try await Self.role(test.system, messages).run()
    messages.finish()
    for await line in lines { Issue.record("it said \(line)") }
  }

  @Test("It says that it cannot see whether jobs are left, and goes on")
  func cannotSee() async throws {
    let (lines, messages) = AsyncStream.makeStream(of: String.self)
    let test = try await TestSystem()
    try await test.system.database.write { _ = try $0.execute("ALTER TABLE jobs RENAME TO gone") }
    let working = Task { try await Self.role(test.system, messages).run() }
    for await line in lines where line == "whether jobs are left cannot be seen" { break }
    try await test.system.database.write { _ = try $0.execute("ALTER TABLE gone RENAME TO jobs") }
    try await working.value
  }
}
