import Foundation
import TestKit
import Testing

/// A PostgreSQL server of one test's own, which the test may kill.
final class KillablePostgres: Sendable {
  /// How its superuser connects.
  let url: String
  private let folder: TemporaryFolder

  private static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "scripts/postgres.sh")
  private static let shell = URL(filePath: "/bin/bash")

  private init(_ url: String, in folder: consuming TemporaryFolder) {
    self.url = url
    self.folder = folder
  }

  /// Gives `body` a server that runs, and stops it at the end, whatever comes of it.
  static func with(_ body: (KillablePostgres) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    let place = folder.path("server")
    _ = try await command("start", place)
    let url = try await command("url", place).trimmingCharacters(in: .newlines)
    let server = KillablePostgres(url, in: folder)
    do {
      try await body(server)
    } catch {
      _ = try? await command("stop", place)
      throw error
    }
    _ = try await command("stop", place)
  }

  /// Ends all processes of the server in whatever they are doing, and starts it again.
  func restartAfterKill() async throws {
    let place = folder.path("server")
    let lock = place + "/data/postmaster.pid"
    let first = try #require(pid_t(try String(contentsOfFile: lock, encoding: .utf8).prefix { $0.isNumber }))
    // Stopped, it starts no other process meanwhile.
    try #require(kill(first, SIGSTOP) == 0)
    let all = [first] + Self.children(of: first)
    for process in all { _ = kill(process, SIGKILL) }
    while !all.allSatisfy(Self.isGone) { await Task.yield() }
    // A process that nobody has waited for yet looks to PostgreSQL like one that runs.
    for file in [lock, place + "/.s.PGSQL.5432.lock"] { try? FileManager.default.removeItem(atPath: file) }
    _ = try await Self.command("start", place)
  }

  private static func children(of process: pid_t) -> [pid_t] {
    let list = try? String(contentsOfFile: "/proc/\(process)/task/\(process)/children", encoding: .utf8)
    return (list ?? "").split(separator: " ").compactMap { pid_t($0) }
  }

  private static func isGone(_ process: pid_t) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8) else { return true }
    return status.contains("State:\tZ") || status.contains("State:\tX")
  }

  /// Runs the script and returns what it printed.
  private static func command(_ verb: String, _ place: String) async throws -> String {
    let run = try RunningProgram(
      shell, [script.path, verb, place], in: "/", of: Nobody(), environment: [:])
    let outcome = try await run.outcome()
    try #require(outcome.status == 0, "\(verb): \(outcome.errors)")
    return outcome.output
  }

  private final class Nobody: Sendable {}
}
