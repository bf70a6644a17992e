import BlobStorage
import Values

/// Keeps blobs in a bucket of Google Cloud Storage.
package struct CloudStorageBlobStore: BlobStore {
  private let client: CloudStorageClient

  package init(_ client: CloudStorageClient) {
    self.client = client
  }

  /// Tells a write from every other one, so that whoever lost an answer knows its own work again.
  private static let writeKey = "geminivideo-write"

  package func put(
    _ content: BlobContent, as name: BlobName, if condition: BlobCondition
  ) async throws(BlobStoreError) -> Blob {
    let expected =
      switch condition {
      case .absent: Int64(0)
      case .generation(let generation): generation.value
      }
    var upload = CloudUpload(name: name.text, expectedGeneration: expected)
    upload.metadata = [Self.writeKey: Hex.text((0..<16).map { _ in UInt8.random(in: 0 ... .max) })]
    do {
      return blob(try await client.upload(content, upload), name)
    } catch {
      // A version that was expected is not there any more.
      if case .notFound = (error as? GoogleError)?.kind, (error as? GoogleError)?.isAboutBucket == false {
        throw .changed(name)
      }
      throw Self.storeError(error, name)
    }
  }

  package func get(
    _ name: BlobName, upTo limit: Int64, receive: @escaping @Sendable ([UInt8]) async throws -> Void
  ) async throws -> Blob {
    let received = Shared(false)
    for _ in 1...Self.readings {
      guard let object = try await object(name) else { throw BlobStoreError.missing(name) }
      guard object.size <= limit else {
        throw BlobStoreError.refused("the blob \(name) has \(object.size) bytes, more than \(limit)")
      }
      do {
        try await client.download(object) { piece in
          received.withLock { $0 = true }
          try await receive(piece)
        }
        return blob(object, name)
      } catch let error as GoogleError where error.kind == .notFound && !error.isAboutBucket {
        // It was replaced in between: the next turn reads what is there now, unless bytes of this one are out already.
        if received.withLock({ $0 }) { throw BlobStoreError.changed(name) }
      } catch let error as GoogleError {
        throw Self.storeError(error, name)
      }
    }
    throw BlobStoreError.unavailable("the blob \(name) was replaced \(Self.readings) times while it was read")
  }

  /// How often a blob is looked up that is replaced while it is read.
  private static let readings = 3

  package func head(_ name: BlobName) async throws(BlobStoreError) -> Blob? {
    try await object(name).map { blob($0, name) }
  }

  package func list(prefix: String, page: String?) async throws(BlobStoreError) -> BlobPage {
    guard BlobName.canBegin(with: prefix) else { throw .refused("no blob's name begins with that prefix") }
    do throws(GoogleError) {
      let (objects, next) = try await client.objects(prefix: prefix, page: page)
      // What others keep in the bucket under names of another kind is no blob.
      let blobs = objects.compactMap { object in BlobName(object.name).map { blob(object, $0) } }
      return BlobPage(blobs: blobs, next: next)
    } catch {
      throw Self.storeError(error, nil)
    }
  }

  package func delete(_ name: BlobName, _ generation: BlobGeneration) async throws(BlobStoreError) {
    do throws(GoogleError) {
      try await client.delete(name.text, generation: generation.value)
    } catch {
      throw Self.storeError(error, name)
    }
  }

  private func object(_ name: BlobName) async throws(BlobStoreError) -> CloudObject? {
    do throws(GoogleError) {
      return try await client.object(name.text)
    } catch {
      throw Self.storeError(error, name)
    }
  }

  private func blob(_ object: CloudObject, _ name: BlobName) -> Blob {
    Blob(
      name: name, generation: BlobGeneration(object.generation), size: object.size, checksum: object.checksum,
      writtenAt: object.updatedAt)
  }

  /// `name` is nil for a call about no single blob.
  private static func storeError(_ error: any Error, _ name: BlobName?) -> BlobStoreError {
    guard let error = error as? GoogleError else { return error as? BlobStoreError ?? .unavailable("\(error)") }
    switch (error.kind, name) {
    case (.cancelled, _): return .cancelled
    case (.conditionNotMet, let name?): return .changed(name)
    case (.damaged, let name?): return .damaged(name, error.message)
    case (.notFound, _) where error.isAboutBucket:
      return .denied("\(error.message); create the bucket, or name another one by GCS_BUCKET")
    case (.notFound, let name?): return .missing(name)
    case (.unauthenticated, _), (.forbidden, _): return .denied("\(error)")
    case (.unavailable, _), (.limited, _), (.unreadable, _): return .unavailable("\(error)")
    case (.invalid, _), (.notFound, nil), (.conditionNotMet, nil), (.damaged, nil): return .refused("\(error)")
    }
  }
}
