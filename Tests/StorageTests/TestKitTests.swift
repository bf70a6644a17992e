import Foundation
import TestKit
import Testing
import Values

@Suite("Test kit")
struct TestKitTests {
  @Test("a manual clock moves only when it is moved")
  func clock() {
    let clock = ManualClock(at: Instant(seconds: 100))
    #expect(clock.now() == Instant(seconds: 100))
    clock.advance(seconds: 20)
    #expect(clock.now() == Instant(seconds: 120))
    clock.advance(seconds: -120)
    #expect(clock.now() == Instant(seconds: 0))
    clock.set(to: Instant(microseconds: 5))
    #expect(clock.now() == Instant(microseconds: 5))
  }

  @Test("a temporary folder is new, and gone afterwards")
  func temporaryFolder() async throws {
    let paths = try await TemporaryFolder.with { folder in
      let other = try TemporaryFolder()
      try Data("x".utf8).write(to: URL(filePath: folder.path("file")))
      #expect(folder.url != other.url)
      #expect(FileManager.default.fileExists(atPath: folder.path("file")))
      return [folder.url.path, other.url.path]
    }
    for path in paths { #expect(!FileManager.default.fileExists(atPath: path)) }
  }

  @Test("the check names are unique", arguments: [DatabaseConformance.cases.map(\.name)])
  func names(_ names: [String]) {
    #expect(Set(names).count == names.count)
  }

  @Test("shared data is found beside the checkout", .needsSharedData)
  func sharedData() throws {
    #expect(try #require(SharedData.folder).lastPathComponent == "shared")
    #expect(SharedData.file("no such file") == nil)
  }
}
