import Accounts
import Formats
import Jobs
import Values
import Web

/// An account's jobs over HTTP: which wait, run and failed, and why; retrying and cancelling.
package struct JobRoutes: Sendable {
  private let queue: any JobQueue
  private let operators: JobOperatorService

  package init(queue: any JobQueue, operators: JobOperatorService) {
    self.queue = queue
    self.operators = operators
  }

  package var endpoints: [Endpoint] {
    [
      Endpoint(
        .get, "/api/jobs", operationID: "listJobs", summary: "The account's jobs, newest first.", tag: "Jobs",
        access: .role(.viewer),
        query: [
          QueryParameter("state", .choice("Only in this state.", JobState.allCases.map(\.rawValue))),
          QueryParameter("queue", .text("Only of this queue.", length: 1...64)),
          QueryParameter("name", .text("Only of this kind.", length: 1...100)),
          QueryParameter("before", .text("Only jobs created before this one: the last job of the previous page.")),
          QueryParameter("limit", .integer("The most jobs to return; 100 by default.", 1...JobLimits.page)),
        ], response: JobCoding.list, handle: list),
      Endpoint(
        .get, "/api/jobs/{job_id}", operationID: "getJob", summary: "A job with all details.",
        tag: "Jobs", access: .role(.viewer), response: JobCoding.job, handle: show),
      Endpoint(
        .post, "/api/jobs/{job_id}/retry", operationID: "retryJob",
        summary: "Makes a job that is dead, cancelled or scheduled available now.", tag: "Jobs",
        access: .role(.operator), response: JobCoding.job, otherAnswers: [.conflict], handle: retry),
      Endpoint(
        .post, "/api/jobs/{job_id}/cancel", operationID: "cancelJob",
        summary: "Cancels a waiting job, or asks the worker of a running one to stop it.", tag: "Jobs",
        access: .role(.operator), response: JobCoding.job, otherAnswers: [.conflict], handle: cancel),
    ]
  }

  @Sendable private func list(_ call: Call) async throws -> Reply {
    let account = try call.caller().accountID
    let state = try call.choice("state", of: JobState.allCases.map(\.rawValue)).flatMap(JobState.init(rawValue:))
    let before = try call.queryParameters["before"].map { text in
      guard let id = JobID(text) else {
        throw APIError.invalid(field: "before", value: text, rule: "must be a job's id")
      }
      return id
    }
    let filter = JobFilter(
      accountID: account, queue: try call.text("queue", length: 1...64).map(QueueName.init(rawValue:)),
      name: try call.text("name", length: 1...100), state: state, before: before,
      limit: try call.integer("limit", in: 1...JobLimits.page) ?? 100)
    let jobs = try await queue.list(filter)
    return Reply.object { json in
      json.key("jobs")
      json.array { json in for job in jobs { JobCoding.write(job, to: &json) } }
    }
  }

  @Sendable private func show(_ call: Call) async throws -> Reply {
    try await reply(call) { _, _ in }
  }

  @Sendable private func retry(_ call: Call) async throws -> Reply {
    let actor = try call.caller().actor
    return try await reply(call) { try await operators.retry($0, of: $1, by: actor) }
  }

  @Sendable private func cancel(_ call: Call) async throws -> Reply {
    let actor = try call.caller().actor
    return try await reply(call) { try await operators.cancel($0, of: $1, by: actor) }
  }

  /// Applies `change` to the job in the path, and answers with the job's new state.
  private func reply(
    _ call: Call, _ change: (JobID, AccountID) async throws -> Void
  ) async throws -> Reply {
    let account = try call.caller().accountID
    let name = call.pathParameters["job_id"] ?? ""
    guard let id = JobID(name) else { throw APIError.notFound("job \(name)") }
    try await change(id, account)
    guard let job = try await queue.job(id, of: account) else { throw JobOperatorError.unknown(id) }
    var json = JSONWriter()
    JobCoding.write(job, to: &json)
    return Reply(json: json.bytes)
  }
}

/// A job as JSON.
package enum JobCoding {
  /// Writes a job as an object.
  package static func write(_ job: JobRecord, to json: inout JSONWriter) {
    json.object { json in
      json.member("job_id", job.id.description)
      json.member("queue", job.queue.rawValue)
      json.member("name", job.name)
      json.member("state", job.state.rawValue)
      json.member("priority", job.priority)
      json.member("attempt", job.attempt)
      json.member("maximum_attempts", job.maximumAttempts)
      json.member("run_at", job.runAt.description)
      json.member("created_at", job.createdAt.description)
      json.member("started_at", job.startedAt?.description)
      json.member("finished_at", job.finishedAt?.description)
      json.member("failure_class", job.failure?.failureClass)
      json.member("reason", job.failure?.reason)
      json.member("error", job.failure?.text)
      json.member("report", job.report)
      json.member("payload", job.payload)
    }
  }

  static let job = Schema.object(required: [
    ("job_id", .string("The job.")), ("queue", .string("The queue it is in.")),
    ("name", .string("What kind of job it is.")),
    ("state", .choice("The job's state.", JobState.allCases.map(\.rawValue))),
    ("priority", .integer("0 runs first, 9 last.", 0...9)),
    ("attempt", .integer("How many attempts have begun.")),
    ("maximum_attempts", .integer("The most attempts it may have.")),
    ("run_at", .formatted("The moment from which it may run.", "date-time")),
    ("created_at", .formatted("When it was pushed.", "date-time")),
    ("started_at", .formatted("When its last attempt began.", "date-time").orNull()),
    ("finished_at", .formatted("When it ended.", "date-time").orNull()),
    ("failure_class", .string("The kind of its last failure.").orNull()),
    ("reason", .string("Why it is in its state.").orNull()),
    ("error", .string("The error message of the last failure.").orNull()),
    ("report", .string("What it reported when it was completed.").orNull()),
    ("payload", .string("The job itself, as JSON.")),
  ]).named("Job")

  static let list = Schema.object(required: [("jobs", .array(of: job))])
}
