import ArgumentParser
import Formats
import Jobs
import Operations
import Values

/// The owner of the jobs that a command is about.
struct JobOwnerOptions: ParsableArguments {
  @Option(help: "The account.")
  var account: AccountID?
  @Flag(help: "Jobs of no account, which are for the whole installation.")
  var installation = false

  func validate() throws {
    guard (account == nil) == installation else { throw ValidationError("give either --account or --installation") }
  }
}

/// `jobs`: lists, retries and cancels jobs.
struct JobsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobs", abstract: "Show, retry and cancel jobs of an account or of the installation.",
    subcommands: [List.self, Dead.self, Show.self, Retry.self, Cancel.self])

  /// Filters for a list.
  struct Narrowing: ParsableArguments {
    @Option(help: "Only jobs of this queue.")
    var queue: String?
    @Option(help: "Only jobs of this kind, such as process_hubspot_webhook.")
    var name: String?
    @Option(help: "The most jobs to print, 1 to \(JobLimits.page).")
    var limit = 50

    func filter(_ owner: JobOwnerOptions, state: JobState?) -> JobFilter {
      JobFilter(
        accountID: owner.account, isOfNoAccount: owner.installation, queue: queue.map(QueueName.init(rawValue:)),
        name: name, state: state, limit: limit)
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the jobs, newest first.")

    @OptionGroup var owner: JobOwnerOptions
    @Option(help: "Only jobs in this state: \(JobState.allCases.map(\.rawValue).joined(separator: ", ")).")
    var state: JobState?
    @OptionGroup var narrowing: Narrowing
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await reportingFailures {
        let jobs = try await database.withSystem {
          try await $0.jobs.list(narrowing.filter(owner, state: state))
        }
        var table = Table(["job", "name", "state", "attempt", "run at", "report or reason"])
        for job in jobs {
          table.add([
            job.id.description, job.name, job.state.rawValue, "\(job.attempt)/\(job.maximumAttempts)",
            "\(job.runAt)", job.report ?? job.failure?.reason ?? "",
          ])
        }
        Console.print(table.text)
      }
    }
  }

  struct Dead: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the jobs that failed for good, with the reason.")

    @OptionGroup var owner: JobOwnerOptions
    @OptionGroup var narrowing: Narrowing
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await reportingFailures {
        let jobs = try await database.withSystem {
          try await $0.jobs.list(narrowing.filter(owner, state: .dead))
        }
        var table = Table(["job", "name", "since", "class", "reason", "error"])
        for job in jobs {
          table.add([
            job.id.description, job.name, job.finishedAt.map { "\($0)" } ?? "", job.failure?.failureClass ?? "",
            job.failure?.reason ?? "", job.failure?.text ?? "",
          ])
        }
        Console.print(table.text)
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show a job with all details.")

    @Argument(help: "The job's id.")
    var job: JobID
    @OptionGroup var owner: JobOwnerOptions
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await JobsCommand.change(job, owner, database) { _, _, _ in }
    }
  }

  struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Run a dead, cancelled or scheduled job as soon as a worker is free.")

    @Argument(help: "The job's id.")
    var job: JobID
    @OptionGroup var owner: JobOwnerOptions
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await JobsCommand.change(job, owner, database) { try await $0.retry($1, of: $2, by: .commandLine) }
    }
  }

  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Cancel a waiting job, or ask the worker of a running one to stop it.")

    @Argument(help: "The job's id.")
    var job: JobID
    @OptionGroup var owner: JobOwnerOptions
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await JobsCommand.change(job, owner, database) { try await $0.cancel($1, of: $2, by: .commandLine) }
    }
  }

  /// Applies `change` to a job and prints its new state.
  private static func change(
    _ id: JobID, _ owner: JobOwnerOptions, _ database: DatabaseOption,
    _ change: (JobOperatorService, JobID, AccountID?) async throws -> Void
  ) async throws {
    try await database.run { system in
      try await change(system.jobOperators, id, owner.account)
      guard let job = try await system.jobs.job(id, of: owner.account) else {
        throw JobOperatorError.unknown(id)
      }
      var json = JSONWriter()
      JobCoding.write(job, to: &json)
      Console.print(JSONWriter.pretty(try JSONReader.read(json.bytes) { try $0.readValue() }))
    }
  }
}

extension JobID: ExpressibleByArgument {
  /// Reads a job's id from the command line.
  public init?(argument: String) {
    self.init(argument)
  }
}

extension JobState: ExpressibleByArgument {}
