import Formats
import Foundation
import Testing

@Suite struct FileBytesTests {
  @Test func readsInChunks() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "formats-\(UUID().uuidString)")
    let content = (0..<1000).map { UInt8($0 % 251) }
    try Data(content).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    var read: [UInt8] = []
    var counts: [Int64] = []
    try FileBytes.forEachChunk(path: url.path, chunkBytes: 300) { chunk, bytesRead, total in
      read.append(contentsOf: chunk)
      counts.append(bytesRead)
      #expect(total == 1000)
    }
    #expect(read == content)
    #expect(counts == [300, 600, 900, 1000])
  }

  @Test func knowsWhatCanBeReadAgain() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "formats-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: url) }
    #expect(FileBytes.canBeReadAgain(path: url.path), "reading says that it is missing")
    try Data([1]).write(to: url)
    #expect(FileBytes.canBeReadAgain(path: url.path))
    try FileManager.default.removeItem(at: url)
    try #require(mkfifo(url.path, 0o600) == 0)
    #expect(!FileBytes.canBeReadAgain(path: url.path))
    #expect(!FileBytes.canBeReadAgain(path: "-"))
    #expect(!FileBytes.canBeReadAgain(path: "/dev/null"))
  }

  @Test func refusesWhatIsNotAFile() {
    #expect(throws: FileError(path: "/", code: EISDIR)) {
      try FileBytes.forEachChunk(path: "/") { _, _, _ in }
    }
    let missing = FileError(path: "/nowhere/at/all", code: ENOENT)
    #expect(throws: missing) { try FileBytes.forEachChunk(path: missing.path) { _, _, _ in } }
    #expect(missing.description == "/nowhere/at/all: No such file or directory")
  }
}
