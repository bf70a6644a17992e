import BlobStorage
import HTTPTypes
import Values

/// The upload of an object in chunks, which goes on after an interruption where the server says that it stopped.
struct CloudUploadSession {
  /// How a session ended.
  enum Outcome {
    /// The object is stored; the checksum is that of what was sent.
    case complete(CloudObject, checksum: UInt32)
    /// The server knows the session no more, or not all that it had confirmed.
    case forgotten
    /// What was to be there is not. After an interruption that may be because the object was written already.
    case refused(GoogleError, wasInterrupted: Bool)
  }

  /// What the server says of the session.
  private enum State {
    case complete(CloudObject)
    case stored(Int64)
    case forgotten
  }

  private let client: CloudStorageClient
  private let content: BlobContent
  private let upload: CloudUpload
  /// Whoever knows the address may write: it is a secret.
  private let address: Secret

  /// The chunk that is held, and the checksum of everything up to its end.
  private var chunk: [UInt8] = []
  private var chunkStart: Int64 = 0
  private var checksum = CRC32C()
  /// The number of bytes that the server has confirmed.
  private var position: Int64 = 0

  private var chunkEnd: Int64 { chunkStart + Int64(chunk.count) }

  /// Throws a ``GoogleError``, or a `BlobStoreError` of the content.
  static func run(
    _ content: BlobContent, _ upload: CloudUpload, by client: CloudStorageClient
  ) async throws -> Outcome {
    do {
      var session = try await Self(content, upload, client)
      return try await session.send()
    } catch let error as GoogleError where error.kind == .conditionNotMet {
      return .refused(error, wasInterrupted: false)
    }
  }

  /// Begins a session. One that is never finished has no effect, so that this may be repeated.
  private init(
    _ content: BlobContent, _ upload: CloudUpload, _ client: CloudStorageClient
  ) async throws(GoogleError) {
    self.client = client
    self.content = content
    self.upload = upload
    var call = HTTPCall(
      .post, try client.uploadURL("resumable", upload),
      headers: [.contentType: "application/json; charset=UTF-8"], body: .bytes(upload.json()), largestAnswer: 1 << 20)
    call.setHeader("x-upload-content-type", upload.contentType)
    call.setHeader("x-upload-content-length", "\(content.length)")
    address = try await client.calls.retry.run { [call] _ throws(FailedAttempt<GoogleError>) in
      let answer = try await client.calls.send(call, expecting: [200, 201])
      guard let location = answer.headers[.location], client.settings.isOwn(location) else {
        throw FailedAttempt(GoogleError(.unreadable, "the server named no address of its own to upload to"))
      }
      return Secret(location)
    }
  }

  private mutating func send() async throws -> Outcome {
    var series = GoogleRetry.Series(client.calls.retry)
    var wasInterrupted = false
    var isAsking = false
    while true {
      try await loadChunk()
      do throws(FailedAttempt<GoogleError>) {
        switch isAsking ? try await state() : try await sendChunk() {
        case .complete(let object): return .complete(object, checksum: checksum.value)
        case .forgotten: return .forgotten
        case .stored(let count):
          guard count >= chunkStart else { return .forgotten }
          let hasMoved = count > position
          try move(to: count, isAsking: isAsking)
          if hasMoved { series.restart() }
          isAsking = false
        }
      } catch  where error.error.kind == .conditionNotMet {
        return .refused(error.error, wasInterrupted: wasInterrupted)
      } catch {
        try await series.pause(after: error)
        wasInterrupted = true
        isAsking = true
      }
    }
  }

  /// Reads the next chunk once the server has all of this one.
  private mutating func loadChunk() async throws(BlobStoreError) {
    guard position == chunkEnd, position < content.length else { return }
    let count = min(Int64(client.settings.chunkBytes), content.length - position)
    let next = try await content.read(from: position, count: Int(clamping: count))
    chunkStart = position
    chunk = next
    checksum.update(next)
  }

  private mutating func move(to count: Int64, isAsking: Bool) throws(FailedAttempt<GoogleError>) {
    guard count <= chunkEnd else {
      throw FailedAttempt(GoogleError(.unreadable, "the server claims to have bytes that were not sent"))
    }
    let isStuck = count == content.length || (count == position && !isAsking)
    position = count
    if isStuck {
      throw FailedAttempt(
        GoogleError(.unavailable(retryAfter: nil), "the server takes no more bytes of \(upload.name)"),
        repeatAfter: .zero)
    }
  }

  private func sendChunk() async throws(FailedAttempt<GoogleError>) -> State {
    let rest = Array(chunk[Int(clamping: position - chunkStart)...])
    var call = self.call(range: "\(position)-\(chunkEnd - 1)", rest)
    call.headers[.contentType] = upload.contentType
    call.setHeader("x-upload-content-type", upload.contentType)
    if chunkEnd == content.length { call.setHeader("x-goog-hash", "crc32c=\(checksum.value.checksumText)") }
    return try await state(of: call)
  }

  /// Asks how many bytes the server has.
  private func state() async throws(FailedAttempt<GoogleError>) -> State {
    try await state(of: call(range: "*", []))
  }

  private func call(range: String, _ bytes: [UInt8]) -> HTTPCall {
    var call = HTTPCall(
      .put, address.text, body: .bytes(bytes), timeLimit: CloudStorageClient.timeLimit(for: Int64(bytes.count)),
      largestAnswer: 1 << 20)
    call.setHeader("content-range", "bytes \(range)/\(content.length)")
    return call
  }

  /// The address is proof enough: no token goes with it.
  private func state(of call: HTTPCall) async throws(FailedAttempt<GoogleError>) -> State {
    let answer: HTTPAnswer
    do throws(TransportError) {
      answer = try await client.calls.transport.send(call)
    } catch {
      throw FailedAttempt(unanswered: error)
    }
    switch answer.status {
    case 200, 201:
      let field = try GoogleCalls.json(answer)
      return .complete(try GoogleCalls.read { () throws(JSONField.Problem) in try CloudObject(field) })
    case 308: return .stored(try Self.storedCount(answer))
    case 404, 410: return .forgotten
    default: throw FailedAttempt(answer, hiding: address)
    }
  }

  /// `Range: bytes=0-LAST`; nothing is stored where there is none.
  private static func storedCount(_ answer: HTTPAnswer) throws(FailedAttempt<GoogleError>) -> Int64 {
    guard let range = answer.headers[.range] else { return 0 }
    guard let match = range.wholeMatch(of: /bytes=0-([0-9]{1,18})/), let last = Int64(match.1) else {
      throw FailedAttempt(GoogleError(.unreadable, "the range \(range.prefix(80)) is not bytes=0-LAST"))
    }
    return last + 1
  }
}

extension CloudStorageSettings {
  /// Whether an address that the server named is one of its own, so that nothing is sent elsewhere.
  func isOwn(_ address: String) -> Bool {
    guard address.utf8.count <= 4_096, address.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return false }
    if address.hasPrefix(baseURL + "/") { return true }
    guard baseURL == Self.googleURL, address.hasPrefix("https://") else { return false }
    let host = address.dropFirst("https://".count).prefix { $0 != "/" }
    return host.hasSuffix(".googleapis.com") && host.allSatisfy { $0.isLetter || $0.isNumber || ".-".contains($0) }
  }
}
