import Jobs
import Logging
import Storage
import TestKit
import Testing

@Suite("What handlers log", .timeLimit(.minutes(15)))
struct JobLoggerTests {
  @Test("a handler's logger says which job it is about, and for whom")
  func logger() async throws {
    let subject = WorkerSubject()
    let lines = Shared<[Logger.Metadata]>([])
    var registry = JobRegistry()
    registry.register(SampleJob.self) { job, context in
      context.logger.notice("at work")
      if context.attempt == 1 { throw JudgedError(verdict: .retry(class: "once", after: .zero)) }
      return nil
    }
    registry.register(InstallationSample.self) { job, context in
      #expect(context.accountID == nil)
      #expect(AccountScope.current.accountID == nil)
      context.logger.notice("at work")
      return nil
    }
    let worker = Worker(
      queue: subject.queue, registry: registry, queues: [SampleJob.queue: 1], workerID: "worker",
      clock: subject.clock.now, logger: Logger(label: "test") { _ in CapturingLog(lines: lines) })
    let id = try #require(try await subject.queue.push([SampleJob(0)]).first).id
    let other = try #require(try await subject.queue.push([InstallationSample()]).first).id
    try await worker.workOff()
    let expected: [Logger.Metadata] = [
      ["job": "\(other)", "name": "installation_sample", "attempt": "1"],
      ["job": "\(id)", "name": "sample", "account": "anna", "attempt": "1"],
      ["job": "\(id)", "name": "sample", "account": "anna", "attempt": "2"],
    ]
    let order = { (line: Logger.Metadata) in "\(line["name"] ?? "") \(line["attempt"] ?? "")" }
    #expect(lines.current.sorted { order($0) < order($1) } == expected)
  }
}

private struct InstallationSample: InstallationJob {
  static let name = "installation_sample"
  static let queue = SampleJob.queue
}

/// Keeps the metadata of what is logged.
private struct CapturingLog: LogHandler {
  let lines: Shared<[Logger.Metadata]>
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.trace

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    lines.change { $0.append(metadata) }
  }
}
