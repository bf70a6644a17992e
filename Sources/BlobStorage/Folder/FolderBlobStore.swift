import Values

/// Keeps blobs in a folder of this machine, which several processes may use at once.
package struct FolderBlobStore: BlobStore {
  /// The most blobs of a page.
  package static let pageSize = 1_000
  private static let pieceBytes = 256 << 10

  private let folder: BlobFolder
  private let pageSize: Int
  private let now: @Sendable () -> Instant

  /// Uses the folder at `path`, and makes it where it is missing. Throws a ``BlobStoreError``.
  package init(
    path: String, pageSize: Int = Self.pageSize, now: @escaping @Sendable () -> Instant
  ) async throws(BlobStoreError) {
    var path = path
    while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
    let folder = BlobFolder(path: path)
    try await BlockingCalls.store { () throws(BlobStoreError) in try folder.prepare() }
    self.folder = folder
    self.pageSize = max(pageSize, 1)
    self.now = now
  }

  package func put(
    _ content: BlobContent, as name: BlobName, if condition: BlobCondition
  ) async throws(BlobStoreError) -> Blob {
    let folder = folder
    let file = try await BlockingCalls.store { () throws(BlobStoreError) in try folder.newFile() }
    do throws(BlobStoreError) {
      var checksum = CRC32C()
      var offset = Int64(BlobHeader.length)
      try await content.forEachPiece(of: Self.pieceBytes) { piece throws(BlobStoreError) in
        checksum.update(piece)
        let position = offset
        try await BlockingCalls.store { () throws(BlobStoreError) in try file.write(piece, at: position) }
        offset += Int64(piece.count)
      }
      let (value, now) = (checksum.value, now().microseconds)
      return try await BlockingCalls.store { () throws(BlobStoreError) in
        try folder.commit(file, as: name, if: condition, size: content.length, checksum: value, now: now)
      }
    } catch {
      // Without effect where the file has got its place already. The task's end must not keep it from being removed.
      try? await BlockingCalls.store { () throws(BlobStoreError) in folder.discard(file) }
      throw error
    }
  }

  package func get(
    _ name: BlobName, upTo limit: Int64, receive: @escaping @Sendable ([UInt8]) async throws -> Void
  ) async throws -> Blob {
    let folder = folder
    let (file, header) = try await BlockingCalls.store { () throws(BlobStoreError) in
      guard let file = try folder.open(name) else { throw .missing(name) }
      guard let header = try BlobHeader.read(of: file) else {
        throw .damaged(name, "\(file.path) does not begin as a blob's file does")
      }
      guard try file.size() == Int64(BlobHeader.length) + header.size else {
        throw .damaged(name, "\(file.path) does not have the \(header.size) bytes that were written")
      }
      return (file, header)
    }
    guard header.size <= limit else {
      throw BlobStoreError.refused("the blob \(name) has \(header.size) bytes, more than \(limit)")
    }
    var checksum = CRC32C()
    var offset: Int64 = 0
    while offset < header.size {
      if Task.isCancelled { throw BlobStoreError.cancelled }
      let position = offset
      let count = Int(clamping: min(Int64(Self.pieceBytes), header.size - offset))
      let piece = try await BlockingCalls.store { () throws(BlobStoreError) in
        try file.read(from: Int64(BlobHeader.length) + position, count: count)
      }
      guard piece.count == count else { throw BlobStoreError.damaged(name, "its file has become shorter") }
      checksum.update(piece)
      offset += Int64(count)
      try await receive(piece)
    }
    guard checksum.value == header.checksum else {
      throw BlobStoreError.damaged(name, "its bytes do not have the checksum that they were written with")
    }
    return header.blob(name)
  }

  package func head(_ name: BlobName) async throws(BlobStoreError) -> Blob? {
    let folder = folder
    return try await BlockingCalls.store { () throws(BlobStoreError) in try folder.header(name)?.blob(name) }
  }

  package func list(prefix: String, page: String?) async throws(BlobStoreError) -> BlobPage {
    guard BlobName.canBegin(with: prefix) else { throw .refused("no blob's name begins with that prefix") }
    let (folder, pageSize) = (folder, pageSize)
    return try await BlockingCalls.store { () throws(BlobStoreError) in
      var names = try folder.names(beginningWith: prefix)
      if let page {
        guard let last = BlobName(page) else { throw .refused("that is no page of this list") }
        names.removeAll { $0 <= last }
      }
      names.sort()
      let listed = names.prefix(pageSize)
      var blobs: [Blob] = []
      for name in listed {
        // One that was removed since is left out.
        if let header = try folder.header(name) { blobs.append(header.blob(name)) }
      }
      return BlobPage(blobs: blobs, next: names.count > pageSize ? listed.last?.text : nil)
    }
  }

  package func delete(_ name: BlobName, _ generation: BlobGeneration) async throws(BlobStoreError) {
    let folder = folder
    try await BlockingCalls.store { () throws(BlobStoreError) in try folder.remove(name, generation) }
  }
}
