import Foundation
import Synchronization
import Testing

/// A run of the program that is under way.
///
/// It is started by `posix_spawn`, and threads of its own read what it writes and wait for its end: many runs at once
/// neither share a run loop nor hold each other's pipes open.
final class RunningProgram: Sendable {
  /// The lines that the program writes to standard output, as they come.
  let outputLines: AsyncStream<String>
  /// The lines that the program writes to standard error, as they come.
  let errorLines: AsyncStream<String>
  private let owner: any AnyObject & Sendable
  private let child: Child
  private let output: Collected
  private let errors: Collected
  private let ended: AsyncStream<Int32>

  /// Pipes are made and inherited by one start at a time.
  private static let starting = Mutex(())

  /// Starts `executable` in `folder`, whose `owner` stays as long as the run is in use.
  init(
    _ executable: URL, _ arguments: [String], in folder: String, of owner: any AnyObject & Sendable,
    environment: [String: String]
  ) throws {
    self.owner = owner
    var inherited = ProcessInfo.processInfo.environment
    for name in ["DATABASE_URL", "HOST", "PORT"] { inherited[name] = nil }
    let variables = inherited.merging(environment) { $1 }.map { "\($0)=\($1)" }
    let started = try Self.starting.withLock { _ in
      let (output, errors) = (try PipeEnds(), try PipeEnds())
      defer {
        close(output.writing)
        close(errors.writing)
      }
      let id = try Self.spawn(
        [executable.path] + arguments, variables, in: folder, output.writing, errors.writing)
      return (id: id, output: output.reading, errors: errors.reading)
    }
    child = Child(id: started.id)
    (outputLines, output) = Collected.reading(started.output)
    (errorLines, errors) = Collected.reading(started.errors)
    let (ended, end) = AsyncStream.makeStream(of: Int32.self)
    self.ended = ended
    Thread.detachNewThread { [child] in
      end.yield(child.waitForEnd())
      end.finish()
    }
  }

  deinit {
    child.send(SIGKILL)
  }

  /// Sends a signal.
  func send(_ signal: Int32) {
    child.send(signal)
  }

  /// Waits for the end; the status is negative where a signal ended the program.
  func outcome() async throws -> Program.Outcome {
    let status = await ended.first { _ in true }
    return Program.Outcome(
      status: try #require(status), output: await output.text(), errors: await errors.text())
  }

  /// A shell steps into the folder and becomes the program, because `posix_spawn` cannot do so itself everywhere.
  private static func spawn(
    _ command: [String], _ variables: [String], in folder: String, _ output: Int32, _ errors: Int32
  ) throws -> pid_t {
    let shell = "/bin/sh"
    let arguments = [shell, "-c", #"cd "$1" && shift && exec "$@""#, shell, folder] + command
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
    let argumentTexts = arguments.map { strdup($0) } + [nil]
    let variableTexts = variables.map { strdup($0) } + [nil]
    defer { for text in argumentTexts + variableTexts { free(text) } }
    var id: pid_t = 0
    let failure = posix_spawn(&id, shell, &actions, nil, argumentTexts, variableTexts)
    try #require(failure == 0, "\(shell) cannot be started: \(String(cString: strerror(failure)))")
    return id
  }
}

/// A process that was started and is still to be waited for.
private final class Child: Sendable {
  private let id: pid_t
  private let hasEnded = Mutex(false)

  init(id: pid_t) {
    self.id = id
  }

  /// Sends a signal, unless the process is gone and its id may be another's.
  func send(_ signal: Int32) {
    hasEnded.withLock { if !$0 { _ = kill(id, signal) } }
  }

  /// Returns the exit status, or the signal that ended the process as a negative number.
  func waitForEnd() -> Int32 {
    var information = siginfo_t()
    while waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) == -1, errno == EINTR {}
    var status: Int32 = 0
    hasEnded.withLock { hasEnded in
      while waitpid(id, &status, 0) == -1, errno == EINTR {}
      hasEnded = true
    }
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : -signal
  }
}

/// The two ends of a pipe, which programs started later do not inherit.
private struct PipeEnds {
  let reading: Int32
  let writing: Int32

  init() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    (reading, writing) = (ends[0], ends[1])
  }
}

/// What comes through a pipe: line by line while it comes, and whole at its end.
private final class Collected: Sendable {
  private let whole: AsyncStream<String>

  private init(_ whole: AsyncStream<String>) {
    self.whole = whole
  }

  static func reading(_ descriptor: Int32) -> (lines: AsyncStream<String>, Collected) {
    let (lines, line) = AsyncStream.makeStream(of: String.self)
    let (whole, all) = AsyncStream.makeStream(of: String.self)
    Thread.detachNewThread {
      var bytes: [UInt8] = []
      var lineStart = 0
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { break }
        bytes += buffer[..<count]
        while let end = bytes[lineStart...].firstIndex(of: UInt8(ascii: "\n")) {
          line.yield(String(decoding: bytes[lineStart..<end], as: UTF8.self))
          lineStart = end + 1
        }
      }
      close(descriptor)
      line.finish()
      all.yield(String(decoding: bytes, as: UTF8.self))
      all.finish()
    }
    return (lines, Collected(whole))
  }

  func text() async -> String {
    await whole.first { _ in true } ?? ""
  }
}
