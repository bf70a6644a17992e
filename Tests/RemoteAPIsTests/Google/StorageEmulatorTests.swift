import BlobStorage
import Foundation
import RemoteAPIs
import TestKit
import Testing
import Values

/// A Cloud Storage that this project did not write, where one runs: `GEMINIVIDEO_TEST_STORAGE_URL` is its address, and it
/// has the bucket `test-bucket`. gcp-storage-emulator obeys no conditions; for a server that does,
/// `GEMINIVIDEO_TEST_STORAGE_OBEYS_CONDITIONS` is 1.
private enum StorageEmulator {
  static let url = ProcessInfo.processInfo.environment["GEMINIVIDEO_TEST_STORAGE_URL"]
  static let obeysConditions =
    ProcessInfo.processInfo.environment["GEMINIVIDEO_TEST_STORAGE_OBEYS_CONDITIONS"] == "1"
  static let cases = BlobStoreConformance.cases.filter { obeysConditions || !$0.needsConditions }
}

@Suite(
  "A bucket of an emulator", .enabled(if: StorageEmulator.url != nil, "GEMINIVIDEO_TEST_STORAGE_URL names no emulator"))
struct StorageEmulatorTests {
  @Test("keeps the promises of BlobStore", arguments: StorageEmulator.cases)
  func conforms(_ check: BlobStoreCase) async throws {
    var settings = GoogleBench.smallChunks
    settings.bucket = "test-bucket"
    settings.baseURL = try #require(StorageEmulator.url)
    let transport = AsyncHTTPTransport()
    let store = GoogleBench().store(transport, settings: settings)
    let result: Result<Void, any Error>
    do {
      result = .success(try await check.run(store, folder: "run-\(UInt64.random(in: 0 ... .max))"))
    } catch {
      result = .failure(error)
    }
    await transport.shutDown()
    try result.get()
  }
}
