import Foundation
import Values

/// The kinds of job that a worker can run, each with its handler.
public struct JobRegistry: Sendable {
  struct Entry: Sendable {
    let queue: QueueName
    let retryPolicy: RetryPolicy
    let timeLimit: Duration
    let run: @Sendable (String, JobContext) async throws -> JobReport?
  }

  private var entries: [String: Entry] = [:]

  /// An empty registry.
  public init() {}

  /// Calls `handler` for each job of a kind. Registering a kind again replaces its handler.
  ///
  /// A job may be tried more than once, even after it has done its work. So a handler either gives the same result when
  /// repeated, or completes the job with ``JobContext/finish(report:in:)``. It must stop when its task is cancelled.
  public mutating func register<J: Job>(
    _ type: J.Type, _ handler: @escaping @Sendable (J, JobContext) async throws -> JobReport?
  ) {
    entries[J.name] = Entry(queue: J.queue, retryPolicy: J.retryPolicy, timeLimit: J.timeLimit) { payload, context in
      let job: J
      do {
        job = try JSONDecoder().decode(J.self, from: Data(payload.utf8))
      } catch {
        throw UnreadablePayload(text: "\(error)")
      }
      return try await handler(job, context)
    }
  }

  /// The registered kinds of job.
  public var names: Set<String> { Set(entries.keys) }

  /// The registered kinds of job of a queue.
  public func names(in queue: QueueName) -> Set<String> {
    Set(entries.filter { $0.value.queue == queue }.keys)
  }

  subscript(name: String) -> Entry? { entries[name] }
}

/// The job's JSON does not match its kind in this release: no attempt can change that.
struct UnreadablePayload: JobError, CustomStringConvertible {
  let text: String

  var description: String { text }

  var verdict: JobVerdict {
    .discard(
      class: "unreadable_payload", reason: "its data cannot be read by this release; retry it with one that can")
  }
}
