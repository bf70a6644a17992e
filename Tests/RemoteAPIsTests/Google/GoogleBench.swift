import BlobStorage
import FakeCloudStorage
import Foundation
import HTTPTypes
import RemoteAPIs
import Synchronization
import TestKit
import Testing
import Values

/// A clock and clients that go by it. Waiting moves the clock instead of taking time.
struct GoogleBench: Sendable {
  let clock = ManualClock()
  private let waited = Shelf()

  private final class Shelf: Sendable {
    let waits = Mutex<[Duration]>([])
  }

  /// The waits that were asked for.
  var waits: [Duration] { waited.waits.withLock { $0 } }

  /// Jitter is always half a second.
  var retry: GoogleRetry {
    let (clock, waited) = (clock, waited)
    return GoogleRetry(
      now: clock.now,
      sleep: { wait in
        try Task.checkCancellation()
        waited.waits.withLock { $0.append(wait) }
        clock.set(to: Instant(microseconds: clock.now().microseconds + Int64(clamping: wait / .microseconds(1))))
      }, uniform: { 0.5 })
  }

  /// Small chunks, so that small content goes up in several.
  static var smallChunks: CloudStorageSettings {
    var settings = CloudStorageSettings(bucket: "fake-bucket")
    settings.largestSingleUpload = 512 << 10
    settings.chunkBytes = 256 << 10
    settings.pageSize = 4
    return settings
  }

  func client(
    _ transport: any HTTPTransport, settings: CloudStorageSettings = Self.smallChunks, tokens: GoogleTokens? = nil
  ) -> CloudStorageClient {
    CloudStorageClient(settings: settings, transport: transport, tokens: tokens, retry: retry)
  }

  func store(
    _ transport: any HTTPTransport, settings: CloudStorageSettings = Self.smallChunks
  ) -> CloudStorageBlobStore {
    CloudStorageBlobStore(client(transport, settings: settings))
  }
}

/// A name of a blob.
func blobName(_ text: String) throws -> BlobName { try #require(BlobName(text)) }
