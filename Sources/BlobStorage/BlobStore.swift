import Values

/// Keeps blobs: bytes under names, in a folder or in a bucket of a cloud.
///
/// A blob is replaced whole or not at all, and whoever reads it reads one version of it. Several processes may share a
/// store.
package protocol BlobStore: Sendable {
  /// Writes `content` where `condition` holds, and returns what the store has then. Of several writers with the same
  /// condition one succeeds; the others get ``BlobStoreError/changed(_:)``.
  ///
  /// Where the outcome of an attempt is not known, the store finds it out: what is returned has been written. After
  /// ``BlobStoreError/unavailable(_:)`` it may have been written or not; ``head(_:)`` tells.
  func put(
    _ content: BlobContent, as name: BlobName, if condition: BlobCondition
  ) async throws(BlobStoreError) -> Blob

  /// Hands the bytes of a blob to `receive`, piece by piece: the next is read once `receive` has returned. They are
  /// what was written only once this has returned, because their checksum is known at their end.
  ///
  /// Throws a ``BlobStoreError``, or what `receive` throws: ``BlobStoreError/missing(_:)`` for no such blob, and
  /// ``BlobStoreError/refused(_:)`` for one of more than `limit` bytes, before anything is received.
  func get(
    _ name: BlobName, upTo limit: Int64, receive: @escaping @Sendable ([UInt8]) async throws -> Void
  ) async throws -> Blob

  /// What is under a name; nil for nothing.
  func head(_ name: BlobName) async throws(BlobStoreError) -> Blob?

  /// The blobs whose names begin with `prefix`, page by page; `page` is the page before's ``BlobPage/next``.
  func list(prefix: String, page: String?) async throws(BlobStoreError) -> BlobPage

  /// Removes a version of a blob. Does nothing where there is no blob; throws ``BlobStoreError/changed(_:)`` where there
  /// is another version.
  func delete(_ name: BlobName, _ generation: BlobGeneration) async throws(BlobStoreError)
}

extension BlobStore {
  /// A blob with all of its bytes, of which there may be `limit`; nil where there is none. Throws a ``BlobStoreError``.
  package func bytes(of name: BlobName, upTo limit: Int) async throws -> (blob: Blob, bytes: [UInt8])? {
    let received = Received()
    do {
      let blob = try await get(name, upTo: Int64(limit)) { await received.add($0) }
      return (blob, await received.bytes)
    } catch BlobStoreError.missing {
      return nil
    }
  }

  /// All blobs whose names begin with `prefix`. Throws ``BlobStoreError/refused(_:)`` for more than `limit`.
  package func all(prefix: String, upTo limit: Int) async throws(BlobStoreError) -> [Blob] {
    var blobs: [Blob] = []
    var page: String?
    repeat {
      let found = try await list(prefix: prefix, page: page)
      blobs += found.blobs
      guard blobs.count <= limit else { throw .refused("there are more than \(limit) blobs under \(prefix)") }
      page = found.next
    } while page != nil
    return blobs
  }
}

/// Bytes that came so far.
private actor Received {
  private(set) var bytes: [UInt8] = []

  func add(_ piece: [UInt8]) { bytes += piece }
}

/// Why a store did not do what it was asked.
package enum BlobStoreError: Error, Hashable, Sendable {
  /// There is no such blob.
  case missing(BlobName)
  /// What is under the name is not what the condition says: another writer was first. Read, and decide anew.
  case changed(BlobName)
  /// The bytes are not those that were written; the sentence says in what.
  case damaged(BlobName, String)
  /// The store may answer later; the sentence says why not now.
  case unavailable(String)
  /// Somebody must do what the sentence says first, such as setting a credential or giving a right.
  case denied(String)
  /// The store refuses this, whenever it is asked.
  case refused(String)
  /// The task was cancelled. A write may have taken place.
  case cancelled
}

extension BlobStoreError: CustomStringConvertible {
  /// What happened and, where there is something to do, what.
  package var description: String {
    switch self {
    case .missing(let name): "there is no blob \(name)"
    case .changed(let name): "the blob \(name) is not in the state that was expected: another writer was first"
    case .damaged(let name, let reason): "the blob \(name) is damaged: \(reason)"
    case .unavailable(let reason): "the blob store is not available: \(reason)"
    case .denied(let reason), .refused(let reason): reason
    case .cancelled: "the call to the blob store was cancelled"
    }
  }
}
