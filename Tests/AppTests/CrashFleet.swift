import AppTestKit
import Foundation
import Testing

/// The processes of a deployment, each started again when it was killed.
actor CrashFleet {
  /// How many processes of each kind there are.
  struct Size: Sendable {
    var servers: Int
    var workers: Int
    var schedulers: Int
  }

  /// Who is killed.
  enum Victim: Sendable {
    case server(Int)
    case worker(Int)
    case scheduler(Int)
    case database
  }

  private let program: Program
  private let database: KillablePostgres?
  private let environment: [String: String]
  private var servers: [ServingProgram] = []
  private var workers: [RunningProgram] = []
  private var schedulers: [RunningProgram] = []
  /// The last of the restarts, which come one after the other.
  private var restart: Task<Void, any Error>?

  /// Starts the processes of `program`. `database` is the server that they use; nil for a file.
  init(_ program: Program, _ size: Size, database: KillablePostgres?, environment: [String: String]) async throws {
    self.program = program
    self.database = database
    self.environment = environment
    for _ in 0..<size.servers { servers.append(try await serve()) }
    for _ in 0..<size.workers { workers.append(try work()) }
    for _ in 0..<size.schedulers { schedulers.append(try schedule()) }
  }

  /// The port of one of the servers, which callers share by their numbers.
  func port(for caller: Int) -> Int { servers[caller % servers.count].port }

  /// Kills a process in whatever it is doing, and starts it again.
  func kill(_ victim: Victim) async throws {
    let task = Task { [previous = restart] in
      _ = await previous?.result
      try await replace(victim)
    }
    restart = task
    try await task.value
  }

  /// Returns once what was killed last has been started again.
  func waitForRestart() async {
    _ = await restart?.result
  }

  /// Stops all as an operator would, and has what is left done.
  func finish() async throws {
    for run in schedulers + servers.map(\.run) + workers {
      run.send(SIGTERM)
      let outcome = try await run.outcome()
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let last = try await program.start(Self.work + ["--until-done"], environment: environment).outcome()
    #expect(last.status == 0, "\(last.errors)")
  }

  private static let work = ["worker", "--concurrency", "12", "--lease", "3"]

  private func replace(_ victim: Victim) async throws {
    switch victim {
    case .server(let index):
      try await end(servers[index].run)
      servers[index] = try await serve()
    case .worker(let index):
      try await end(workers[index])
      workers[index] = try work()
    case .scheduler(let index):
      try await end(schedulers[index])
      schedulers[index] = try schedule()
    case .database: try await #require(database).restartAfterKill()
    }
  }

  private func end(_ run: RunningProgram) async throws {
    run.send(SIGKILL)
    let outcome = try await run.outcome()
    #expect(outcome.status == -SIGKILL, "it had ended by itself: \(outcome.errors)")
  }

  private func serve() async throws -> ServingProgram {
    try await ServingProgram(program, environment: environment)
  }

  private func work() throws -> RunningProgram {
    try program.start(Self.work, environment: environment)
  }

  /// Ticks every second, so that schedulers meet each other and the kills.
  private func schedule() throws -> RunningProgram {
    try program.start(
      ["scheduler", "--schedule", "monitor_fatigue=1s", "--schedule", "reconcile_hubspot=5s"], environment: environment)
  }
}
