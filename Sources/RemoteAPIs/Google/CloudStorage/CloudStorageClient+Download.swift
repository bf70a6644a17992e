import BlobStorage
import Formats
import HTTPTypes
import Values

extension CloudStorageClient {
  /// Hands the bytes of a version of an object to `receive`, piece by piece. Where they break off, they are asked for
  /// again from there. Their checksum is compared at the end: they are good once this has returned.
  ///
  /// Throws a ``GoogleError``, or what `receive` throws.
  package func download(
    _ object: CloudObject, receive: @escaping @Sendable ([UInt8]) async throws -> Void
  ) async throws {
    guard let checksum = object.checksum else {
      throw GoogleError(.unreadable, "the object \(object.name) has no crc32c, so that its bytes cannot be trusted")
    }
    let download = Download(object, receive)
    var series = GoogleRetry.Series(calls.retry)
    var start = download.count
    while download.count < object.size {
      do {
        try await downloadRest(download)
      } catch let failure as FailedAttempt<GoogleError> {
        // A download that gets on may go on for as long as it takes.
        if download.count - start >= Self.progress { series.restart() }
        start = download.count
        try await series.pause(after: failure)
      }
    }
    guard download.checksum == checksum else {
      throw GoogleError(.damaged, "the bytes of \(object.name) do not have the checksum that it was stored with")
    }
  }

  /// Bytes without a failure after which failures are counted anew.
  private static let progress: Int64 = 1 << 20

  /// Throws a `FailedAttempt`, or what `receive` throws.
  private func downloadRest(_ download: Download) async throws {
    let (object, offset) = (download.object, download.count)
    let query = [("alt", "media"), ("generation", "\(object.generation)")]
    var call = HTTPCall(
      .get, try mediaURL(object.name, query), timeLimit: Self.timeLimit(for: object.size - offset),
      largestAnswer: Int(clamping: object.size - offset))
    // What was stored packed is to come as it was stored: its checksum is of those bytes.
    call.headers[.acceptEncoding] = "gzip"
    if offset > 0 { call.headers[.range] = "bytes=\(offset)-" }
    let answer: HTTPAnswer
    do throws(FailedAttempt<GoogleError>) {
      answer = try await calls.authorized(call, expecting: [200, 206]) { call throws(FailedAttempt<GoogleError>) in
        do {
          return try await calls.transport.download(call) { try await download.take($0) }
        } catch let error as TransportError where !download.isStopped {
          throw FailedAttempt(unanswered: error)
        } catch {
          // `receive` has thrown: what it threw is kept for the caller.
          throw FailedAttempt(.cancelled)
        }
      }
    } catch {
      if let stop = download.stop { throw stop }
      throw error
    }
    guard answer.status == (offset > 0 ? 206 : 200) else {
      throw FailedAttempt(GoogleError(.damaged, "the rest of \(object.name) was asked for and something else came"))
    }
    guard download.count == object.size else {
      throw FailedAttempt(
        GoogleError(.unavailable(retryAfter: nil), "\(object.name) ended before its \(object.size) bytes"),
        repeatAfter: .zero)
    }
  }

  /// As Google's own libraries ask for bytes.
  private func mediaURL(_ name: String, _ query: [(String, String)]) throws(FailedAttempt<GoogleError>) -> String {
    let path = "/download/storage/v1/b/\(settings.bucket)/o/\(URLText.escaped(try Self.checked(name)))"
    return url(path, query, isJSON: false)
  }
}

/// How far a download is.
private final class Download: Sendable {
  private struct State: Sendable {
    var count: Int64 = 0
    var checksum = CRC32C()
    var stop: (any Error)?
  }

  let object: CloudObject
  private let receive: @Sendable ([UInt8]) async throws -> Void
  private let state = Shared(State())

  init(_ object: CloudObject, _ receive: @escaping @Sendable ([UInt8]) async throws -> Void) {
    self.object = object
    self.receive = receive
  }

  /// Bytes that came.
  var count: Int64 { state.withLock(\.count) }
  /// Of the bytes that came.
  var checksum: UInt32 { state.withLock { $0.checksum.value } }
  /// What the receiver threw.
  var stop: (any Error)? { state.withLock(\.stop) }
  var isStopped: Bool { stop != nil }

  func take(_ piece: [UInt8]) async throws {
    do {
      try await receive(piece)
    } catch {
      state.withLock { $0.stop = error }
      throw error
    }
    state.withLock {
      $0.checksum.update(piece)
      $0.count += Int64(piece.count)
    }
  }
}
