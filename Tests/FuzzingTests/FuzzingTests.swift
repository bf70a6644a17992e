import Foundation
import Fuzzing
import Testing

/// Requests and lines that nobody would write: a bounded run of what `make fuzz` does at length.
@Suite("Fuzzing")
struct FuzzingTests {
  /// Gives `body` a folder that is removed afterwards.
  private func inFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
    let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "geminivideo-fuzz-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
  }

  @Test(
    "No request is answered with a fault of the server, or otherwise than the API's document says", arguments: [1, 2])
  func requests(_ seed: UInt64) async throws {
    let report = try await inFolder { try await RequestFuzzer(seed: seed, folder: $0).run(0..<1_500) }
    for failure in report.failures { Issue.record("\(failure)") }
    #expect(report.count == 1_500)
    for status in ["200", "202", "400", "401", "403", "404", "415", "422"] {
      #expect(report.outcomes[status, default: 0] > 0, "\(status): the requests no longer reach everything")
    }
  }

  @Test("No line and no ad makes a policy fail, or allocate more than there is")
  func policies() async throws {
    let report = try await inFolder { try PolicyFuzzer(seed: 1, folder: $0).run(lines: 3_000) }
    for failure in report.failures { Issue.record("\(failure)") }
    for outcome in ["answered", "refused", "selected"] { #expect(report.outcomes[outcome, default: 0] > 0) }
  }

  @Test("No damaged file of vectors makes an index crash, or answer wrongly")
  func indexFiles() async throws {
    let report = try await inFolder { try IndexFileFuzzer(seed: 1, folder: $0).run(files: 400) }
    for failure in report.failures { Issue.record("\(failure)") }
    for kind in ["faiss", "snapshot", "array"] {
      for outcome in ["read", "refused"] { #expect(report.outcomes["\(kind) \(outcome)", default: 0] > 0) }
    }
  }

  @Test("The same seed and number make the same choices")
  func reproducible() {
    var (first, second) = (FuzzRandom(seed: 3, number: 4), FuzzRandom(seed: 3, number: 4))
    #expect((0..<100).allSatisfy { _ in first.next() == second.next() })
    var other = FuzzRandom(seed: 3, number: 5)
    #expect(first.next() != other.next())
  }
}
