import Foundation

/// A folder of its own for one test, removed when the test is done with it.
package struct TemporaryFolder: ~Copyable, Sendable {
  /// Where the folder is.
  package let url: URL

  /// Makes an empty folder whose name nobody else has.
  package init() throws {
    url = FileManager.default.temporaryDirectory
      .appending(path: "geminivideo-test-\(UUID().uuidString)", directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  /// The path of a file in the folder; the file itself is not made.
  package func path(_ name: String) -> String {
    url.appending(path: name).path
  }

  /// Gives `body` a folder and removes it at the end, whatever comes of it.
  package static func with<Result: Sendable>(
    _ body: (borrowing TemporaryFolder) async throws -> Result
  ) async throws -> Result {
    let folder = try TemporaryFolder()
    return try await body(folder)
  }

  deinit {
    try? FileManager.default.removeItem(at: url)
  }
}
