import BlobStorage
import Foundation
import TestKit
import Testing

// Waiting for a program keeps a thread from the other tests: one at a time.
@Suite("Processes that share a folder of blobs", .serialized)
struct ProcessTests {
  private let clock = ManualClock()

  @Test("lose none of each other's writes")
  func counting() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("blobs")
    let writers = try (0..<3).map { _ in try Writer(folder: path, count: 20) }
    var numbers: [Int] = []
    for writer in writers { numbers += writer.readToEnd() }
    #expect(numbers.sorted() == Array(1...60))
    #expect(try await number(in: path) == 60)
  }

  @Test("one that is killed leaves whole blobs, no lock and no temporary file")
  func killed() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("blobs")
    var least = 0
    for round in 1...5 {
      let writer = try Writer(folder: path, count: 100_000)
      for _ in 0..<(3 * round) { least = try #require(writer.readNext()) }
      least = max(least, writer.kill().last ?? 0)
      // Its last write may not have been announced.
      let found = try await number(in: path)
      #expect((least...(least + 1)).contains(found))
      #expect(try FileManager.default.contentsOfDirectory(atPath: path + "/.writing") == [])
      least = found
    }
  }

  /// What the writers have counted to, once their blob is seen to be whole.
  private func number(in path: String) async throws -> Int {
    let store = try await FolderBlobStore(path: path, now: clock.now)
    let name = try #require(BlobName("count/to"))
    let read = try #require(try await store.bytes(of: name, upTo: 1 << 20))
    let lines = String(decoding: read.bytes, as: UTF8.self).split(separator: "\n")
    #expect(Set(lines).count == 1)
    #expect(lines.count == 16_667)
    return try #require(lines.first.flatMap { Int($0) }) - 10_000
  }
}

/// A process of `blob-writer`.
private final class Writer {
  private let process = Process()
  private let output = Pipe()
  private var rest: [UInt8] = []

  init(folder: String, count: Int) throws {
    let places = CommandLine.arguments + Bundle.allBundles.map(\.bundlePath)
    let program = places.lazy
      .map { URL(filePath: $0).deletingLastPathComponent().appending(path: "blob-writer") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    let writer = try #require(program, "blob-writer is built beside the tests")
    process.executableURL = writer
    process.arguments = [folder, "\(count)"]
    process.standardOutput = output
    try process.run()
  }

  deinit {
    if process.isRunning { process.terminate() }
  }

  /// The next number that it announces; nil at its end.
  func readNext() -> Int? {
    while true {
      if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: rest[..<end], as: UTF8.self)
        rest.removeSubrange(...end)
        return Int(line)
      }
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { return nil }
      rest += more
    }
  }

  func readToEnd() -> [Int] {
    var numbers: [Int] = []
    while let number = readNext() { numbers.append(number) }
    return numbers
  }

  /// Kills it wherever it is, and returns what it had announced besides.
  func kill() -> [Int] {
    Foundation.kill(process.processIdentifier, SIGKILL)
    return readToEnd()
  }
}
