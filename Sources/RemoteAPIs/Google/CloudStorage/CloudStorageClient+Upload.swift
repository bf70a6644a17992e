import BlobStorage
import Formats
import HTTPTypes
import Values

/// What is said of an object that is written, and what must be there for it to be.
package struct CloudUpload: Equatable, Sendable {
  package let name: String
  package var contentType = "application/octet-stream"
  /// Kept with the object. Where it differs from every other writer's, it also tells whose write an object is.
  package var metadata: [String: String] = [:]
  /// The generation that is there; 0 for no object.
  package let expectedGeneration: Int64

  package init(name: String, expectedGeneration: Int64) {
    self.name = name
    self.expectedGeneration = expectedGeneration
  }

  /// As JSON, with what else is known of the object.
  func json(with others: [JSONObject.Member] = []) -> [UInt8] {
    var members = [JSONObject.Member(key: "name", value: .string(name))]
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { (key: $0.key, value: JSONValue.string($0.value)) }
      members.append(JSONObject.Member(key: "metadata", value: .object(JSONObject(pairs))))
    }
    var writer = JSONWriter()
    JSONValue.object(JSONObject(members + others)).write(to: &writer)
    return writer.bytes
  }
}

extension CloudStorageClient {
  /// Writes an object where the version that is expected is there, and returns it as it was stored.
  ///
  /// Throws a ``GoogleError``, with ``GoogleError/Kind/conditionNotMet`` where another version is there, or a
  /// `BlobStoreError` of the content.
  package func upload(_ content: BlobContent, _ upload: CloudUpload) async throws -> CloudObject {
    guard content.length <= settings.largestObject else {
      throw GoogleError(.invalid, "an object must have at most \(settings.largestObject) bytes, not \(content.length)")
    }
    let stored: CloudObject
    let checksum: UInt32
    if content.length <= settings.largestSingleUpload {
      let bytes = try await content.read(from: 0, count: Int(clamping: content.length))
      checksum = CRC32C.value(of: bytes)
      stored = try await uploadAtOnce(bytes, checksum, upload)
    } else {
      (stored, checksum) = try await uploadInChunks(content, upload)
    }
    guard stored.size == content.length, stored.checksum == checksum else {
      // What was damaged on its way must not be taken for what was to be stored. Where it cannot be removed, the error
      // still says what it is.
      try? await delete(upload.name, generation: stored.generation)
      throw GoogleError(.damaged, "\(upload.name) was stored with another size or checksum, and was removed")
    }
    return stored
  }

  private func uploadAtOnce(
    _ bytes: [UInt8], _ checksum: UInt32, _ upload: CloudUpload
  ) async throws(GoogleError) -> CloudObject {
    let call = try relatedCall(bytes, checksum, upload)
    var isRepeated = false
    do throws(GoogleError) {
      return try await calls.retry.run { number throws(FailedAttempt<GoogleError>) in
        isRepeated = number > 1
        return try await object(of: call)
      }
    } catch  where error.kind == .conditionNotMet && isRepeated {
      guard let own = try await ownObject(upload, size: Int64(bytes.count), checksum) else { throw error }
      return own
    }
  }

  /// The object, where it is what an earlier attempt wrote whose answer was lost; nil where another writer was first.
  func ownObject(
    _ upload: CloudUpload, size: Int64, _ checksum: UInt32
  ) async throws(GoogleError) -> CloudObject? {
    guard let found = try await object(upload.name), found.generation != upload.expectedGeneration,
      found.size == size, found.checksum == checksum,
      upload.metadata.allSatisfy({ found.metadata[$0.key] == $0.value })
    else { return nil }
    return found
  }

  /// How often a session may be begun after the server has forgotten one.
  private static let sessions = 3

  private func uploadInChunks(_ content: BlobContent, _ upload: CloudUpload) async throws -> (CloudObject, UInt32) {
    for number in 1...Self.sessions {
      let outcome = try await CloudUploadSession.run(content, upload, by: self)
      switch outcome {
      case .complete(let object, let checksum): return (object, checksum)
      case .forgotten: continue
      case .refused(let error, let wasInterrupted):
        guard wasInterrupted || number > 1 else { throw error }
        let checksum = try await content.checksum()
        guard let own = try await ownObject(upload, size: content.length, checksum) else { throw error }
        return (own, checksum)
      }
    }
    throw GoogleError(
      .unavailable(retryAfter: nil), "the upload of \(upload.name) was forgotten \(Self.sessions) times")
  }

  /// Description and bytes in one call, as `multipart/related` (RFC 2387).
  private func relatedCall(
    _ bytes: [UInt8], _ checksum: UInt32, _ upload: CloudUpload
  ) throws(GoogleError) -> HTTPCall {
    let boundary = MultipartBody.newBoundary()
    let members = [JSONObject.Member(key: "crc32c", value: .string(checksum.checksumText))]
    var body = Array("--\(boundary)\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n".utf8)
    body += upload.json(with: members)
    body += Array("\r\n--\(boundary)\r\ncontent-type: \(upload.contentType)\r\n\r\n".utf8)
    body += bytes
    body += Array("\r\n--\(boundary)--\r\n".utf8)
    var call = HTTPCall(
      .post, try uploadURL("multipart", upload),
      headers: [.contentType: "multipart/related; boundary=\"\(boundary)\""], body: .bytes(body),
      timeLimit: Self.timeLimit(for: Int64(bytes.count)), largestAnswer: 1 << 20)
    call.setHeader("x-upload-content-type", upload.contentType)
    return call
  }

  /// The address that takes new objects.
  func uploadURL(_ type: String, _ upload: CloudUpload) throws(GoogleError) -> String {
    do throws(FailedAttempt<GoogleError>) {
      _ = try Self.checked(upload.name)
    } catch {
      throw error.error
    }
    let query = [("uploadType", type), ("ifGenerationMatch", "\(upload.expectedGeneration)")]
    return url("/upload/storage/v1/b/\(settings.bucket)/o", query, isJSON: false)
  }
}
