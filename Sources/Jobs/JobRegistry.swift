import Foundation
import Values

/// The kinds of job that a worker knows, each with what is done for it.
public struct JobRegistry: Sendable {
  struct Entry: Sendable {
    let queue: QueueName
    let retryPolicy: RetryPolicy
    let timeLimit: Duration
    let run: @Sendable (String, JobContext) async throws -> JobReport?
  }

  private var entries: [String: Entry] = [:]

  /// Knows no job.
  public init() {}

  /// Has `handler` called for each job of a kind. A kind that is registered again gets the new handler.
  ///
  /// A job may be tried more than once, even after it has done its work: a handler gives the same result then, or
  /// ends by ``JobContext/finish(report:in:)``. It stops when its task is cancelled.
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

  /// The kinds of job that are known.
  public var names: Set<String> { Set(entries.keys) }

  /// The kinds of job that are known in a queue.
  public func names(in queue: QueueName) -> Set<String> {
    Set(entries.filter { $0.value.queue == queue }.keys)
  }

  subscript(name: String) -> Entry? { entries[name] }
}

/// A job whose JSON is not what its kind has today: no attempt can change that.
struct UnreadablePayload: JobError, CustomStringConvertible {
  let text: String

  var description: String { text }

  var verdict: JobVerdict {
    .discard(
      class: "unreadable_payload", reason: "its data cannot be read by this release; retry it with one that can")
  }
}
