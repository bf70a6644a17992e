import ArgumentParser
import Foundation
import Fuzzing

/// Sends the system requests and lines of every kind, and says what went wrong.
@main
struct FuzzRunner: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fuzz",
    abstract: "Look for requests, policy lines and files of vectors that the system does not treat as it should.",
    discussion: """
      Each request depends on the seed and its number, and on those before it in its section of \
      \(RequestFuzzer.sectionLength). After a crash, the files last-request.txt and last-line.txt in the folder tell the \
      seed, the number and what was sent: --seed SEED --from NUMBER --requests 1 --lines 0 makes it again. The file of \
      vectors that was read last is last-index-file.
      """)

  @Option(help: "The seed of every choice.") var seed: UInt64 = 1
  @Option(help: "How many requests.") var requests = 200_000
  @Option(help: "How many policy lines.") var lines = 200_000
  @Option(help: "How many damaged files of vectors.") var indexFiles = 10_000
  @Option(help: "The number of the first request, file, and session of lines.") var from = 0
  @Option(
    help: "An empty PostgreSQL database for the requests; a SQLite file where none is named. It is emptied again.")
  var database: String?
  @Option(help: "A folder to work in; a new one where none is named.") var folder: String?

  func run() async throws {
    let folder = URL(filePath: folder ?? NSTemporaryDirectory() + "geminivideo-fuzz-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    print("Working in \(folder.path), seed \(seed)")
    let fileReport = try IndexFileFuzzer(seed: seed, folder: folder).run(from: from, files: indexFiles)
    print("Index files: \(fileReport.summary)")
    let lineReport = try PolicyFuzzer(seed: seed, folder: folder).run(from: from, lines: lines)
    print("Policy lines: \(lineReport.summary)")
    let fuzzer = RequestFuzzer(seed: seed, databaseURL: database, folder: folder)
    let requestReport = try await fuzzer.run(from..<(from + requests)) { number, report in
      FileHandle.standardError.write(Data("\(number) requests, \(report.failures.count) kinds of failure\n".utf8))
    }
    print("Requests: \(requestReport.summary)")
    let failures = fileReport.failures + lineReport.failures + requestReport.failures
    for failure in failures { print("\n\(failure)") }
    guard failures.isEmpty else { throw ExitCode(1) }
  }
}
