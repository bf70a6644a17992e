import ArgumentParser
import Formats
import Jobs
import Operations
import Values

/// `jobs`: what waits, runs and failed; trying again and calling off.
struct JobsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobs", abstract: "Look after the jobs of an account.",
    subcommands: [List.self, Dead.self, Show.self, Retry.self, Cancel.self])

  /// What narrows a list.
  struct Narrowing: ParsableArguments {
    @Option(help: "Only jobs of this queue.")
    var queue: String?
    @Option(help: "Only jobs of this kind, such as process_hubspot_webhook.")
    var name: String?
    @Option(help: "How many at most, 1 to \(JobLimits.page).")
    var limit = 50

    func filter(_ account: AccountID, state: JobState?) -> JobFilter {
      JobFilter(
        accountID: account, queue: queue.map(QueueName.init(rawValue:)), name: name, state: state, limit: limit)
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the account's jobs, newest first.")

    @OptionGroup var account: AccountOption
    @Option(help: "Only jobs in this state: \(JobState.allCases.map(\.rawValue).joined(separator: ", ")).")
    var state: JobState?
    @OptionGroup var narrowing: Narrowing
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await reportingFailures {
        let jobs = try await database.withSystem {
          try await $0.jobs.list(narrowing.filter(account.account, state: state))
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

    @OptionGroup var account: AccountOption
    @OptionGroup var narrowing: Narrowing
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await reportingFailures {
        let jobs = try await database.withSystem {
          try await $0.jobs.list(narrowing.filter(account.account, state: .dead))
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
    static let configuration = CommandConfiguration(abstract: "Show all that is known of a job.")

    @Argument(help: "The job's id.")
    var job: JobID
    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await JobsCommand.change(job, account, database) { _, _, _ in }
    }
  }

  struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Have a dead, cancelled or scheduled job run as soon as a worker is free.")

    @Argument(help: "The job's id.")
    var job: JobID
    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await JobsCommand.change(job, account, database) { try await $0.retry($1, of: $2, by: .commandLine) }
    }
  }

  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Cancel a waiting job, or ask the worker of a running one to stop.")

    @Argument(help: "The job's id.")
    var job: JobID
    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await JobsCommand.change(job, account, database) { try await $0.cancel($1, of: $2, by: .commandLine) }
    }
  }

  /// Does `change` with a job and prints the job as it is then.
  private static func change(
    _ id: JobID, _ account: AccountOption, _ database: DatabaseOption,
    _ change: (JobOperatorService, JobID, AccountID) async throws -> Void
  ) async throws {
    try await database.run { system in
      try await change(system.jobOperators, id, account.account)
      guard let job = try await system.jobs.job(id, of: account.account) else {
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
