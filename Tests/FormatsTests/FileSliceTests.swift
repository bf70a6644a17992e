import Formats
import Foundation
import Testing

@Suite struct FileSliceTests {
  private let path = FileManager.default.temporaryDirectory.appending(path: "formats-\(UUID().uuidString)").path

  @Test func readsAnyPart() throws {
    let content = (0..<1_000).map { UInt8($0 % 251) }
    try Data(content).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(try FileBytes.slice(of: path, from: 0, count: 1_000) == content)
    #expect(try FileBytes.slice(of: path, from: 300, count: 300) == Array(content[300..<600]))
    #expect(try FileBytes.slice(of: path, from: 900, count: 300) == Array(content[900...]))
    #expect(try FileBytes.slice(of: path, from: 2_000, count: 5) == [])
    #expect(try FileBytes.slice(of: path, from: 0, count: 0) == [])
  }

  @Test func tellsAFileFromWhatItWas() throws {
    try Data([1, 2, 3]).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let first = try FileStamp(of: path)
    #expect(first.size == 3)
    #expect(try FileStamp(of: path) == first)
    try Data([1, 2, 3, 4]).write(to: URL(filePath: path))
    #expect(try FileStamp(of: path) != first)
  }

  @Test func refusesWhatIsNotAFile() {
    #expect(throws: FileError(path: "/", code: EINVAL)) { try FileStamp(of: "/") }
    let missing = FileError(path: "/nowhere/at/all", code: ENOENT)
    #expect(throws: missing) { try FileStamp(of: missing.path) }
    #expect(throws: missing) { try FileBytes.slice(of: missing.path, from: 0, count: 1) }
    #expect(throws: FileError(path: "/", code: EISDIR)) { try FileBytes.slice(of: "/", from: 0, count: 1) }
  }
}
