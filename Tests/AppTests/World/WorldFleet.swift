import AppTestKit
import Foundation
import Testing

/// The processes of a deployment that go by a made-up world's clock, each started again when it was killed.
actor WorldFleet {
  /// The roles, one process each.
  static let roles = ["serve", "worker", "worker", "scheduler"]

  private let owner: Program
  private let environment: [String: String]
  private var runs: [RunningProgram] = []
  /// How many processes were killed.
  private(set) var kills = 0

  /// Starts the processes.
  init(of owner: Program, environment: [String: String]) async throws {
    self.owner = owner
    self.environment = environment
    for role in Self.roles { runs.append(try await start(role)) }
  }

  /// Kills a process in whatever it is doing, and starts it again.
  func kill(_ index: Int) async throws {
    runs[index].send(SIGKILL)
    let outcome = try await runs[index].outcome()
    #expect(outcome.status == -SIGKILL, "\(Self.roles[index]) had ended by itself: \(outcome.errors)")
    kills += 1
    runs[index] = try await start(Self.roles[index])
  }

  /// Stops all as an operator would.
  func finish() async throws {
    for (role, run) in zip(Self.roles, runs) {
      run.send(SIGTERM)
      let outcome = try await run.outcome()
      #expect(outcome.status == 0, "\(role): \(outcome.errors)")
    }
  }

  private func start(_ role: String) async throws -> RunningProgram {
    let executable = try #require(Program.executable).deletingLastPathComponent().appending(path: "world-role")
    let run = try RunningProgram(executable, [role], in: owner.path("."), of: owner, environment: environment)
    _ = await run.outputLines.first { $0 == "ready" }
    return run
  }
}
