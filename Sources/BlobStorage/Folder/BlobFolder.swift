import Formats
import Values

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The files of a folder of blobs. Its calls wait for the disk.
///
/// A blob `a/b` is the file `a/b.blob`. What is being written is in `.writing`; `.lock` is held for each change of what
/// is under a name, and holds the last generation. No name of a blob begins with a dot.
struct BlobFolder: Sendable {
  static let ending = ".blob"

  let path: String

  private var writingPath: String { path + "/.writing" }
  private var lockPath: String { path + "/.lock" }

  /// Makes what is missing, and removes what writers left that are no more.
  func prepare() throws(BlobStoreError) {
    try makeFolders(path)
    try makeFolders(writingPath)
    try locked { _ throws(BlobStoreError) in
      for name in try entries(of: writingPath) {
        let file = "\(writingPath)/\(name)"
        // A living writer holds its file's lock.
        if let left = try OpenFile(opening: file, O_RDWR), try left.lock(waiting: false) { unlink(file) }
      }
    }
  }

  /// Where a blob's file is.
  func path(of name: BlobName) -> String {
    let segments = name.segments
    // A folder whose name looks like a blob's file must not be in the way of that blob.
    let folders = segments.dropLast().map { $0.hasSuffix(Self.ending) ? "\($0)%" : String($0) }
    return ([path] + folders + ["\(segments.last ?? "")\(Self.ending)"]).joined(separator: "/")
  }

  /// A blob's file; nil for none.
  func open(_ name: BlobName) throws(BlobStoreError) -> OpenFile? {
    try OpenFile(opening: path(of: name), O_RDONLY)
  }

  /// What a blob's file says of it; nil for none. A file whose beginning is damaged counts as none, so that the blob can
  /// be written anew.
  func header(_ name: BlobName) throws(BlobStoreError) -> BlobHeader? {
    guard let file = try open(name) else { return nil }
    return try BlobHeader.read(of: file)
  }

  /// A new empty file that is locked, so that nobody removes it.
  func newFile() throws(BlobStoreError) -> OpenFile {
    try locked { _ throws(BlobStoreError) in
      let file = "\(writingPath)/\(UInt64.random(in: 0 ... .max))"
      guard let new = try OpenFile(opening: file, O_RDWR | O_CREAT | O_EXCL) else {
        throw .unavailable("\(writingPath) was removed")
      }
      try new.lock()
      return new
    }
  }

  /// Removes a new file that is not to be kept.
  func discard(_ file: OpenFile) {
    unlink(file.path)
  }

  /// Gives a written file its header and its place, where `condition` holds.
  func commit(
    _ file: OpenFile, as name: BlobName, if condition: BlobCondition, size: Int64, checksum: UInt32, now: Int64
  ) throws(BlobStoreError) -> Blob {
    try file.flush()
    return try locked { lock throws(BlobStoreError) in
      let current = try header(name)
      let isMet =
        switch condition {
        case .absent: current == nil
        case .generation(let expected): current?.generation == expected
        }
      guard isMet else { throw .changed(name) }
      let header = BlobHeader(
        generation: try nextGeneration(lock, now: now), size: size, checksum: checksum)
      try file.write(header.bytes, at: 0)
      try file.flush()
      let target = path(of: name)
      try makeFolders(Self.parent(of: target))
      guard rename(file.path, target) == 0 else { throw .file(target, errno) }
      try flushFolder(Self.parent(of: target))
      return header.blob(name)
    }
  }

  func remove(_ name: BlobName, _ generation: BlobGeneration) throws(BlobStoreError) {
    try locked { _ throws(BlobStoreError) in
      guard let current = try header(name) else { return }
      guard current.generation == generation else { throw .changed(name) }
      let target = path(of: name)
      guard unlink(target) == 0 || errno == ENOENT else { throw .file(target, errno) }
      try flushFolder(Self.parent(of: target))
      removeEmptyFolders(from: Self.parent(of: target))
    }
  }

  /// The names that begin with `prefix`, in no order.
  func names(beginningWith prefix: String) throws(BlobStoreError) -> [BlobName] {
    var names: [BlobName] = []
    var folders = [(path: path, name: "")]
    while let folder = folders.popLast() {
      for entry in try entries(of: folder.path) {
        if entry.hasSuffix(Self.ending), let name = BlobName(folder.name + entry.dropLast(Self.ending.count)) {
          if name.text.hasPrefix(prefix) { names.append(name) }
        } else {
          let segment = entry.hasSuffix(Self.ending + "%") ? String(entry.dropLast()) : entry
          let name = folder.name + segment + "/"
          guard BlobName.canBegin(with: name), name.hasPrefix(prefix) || prefix.hasPrefix(name) else { continue }
          folders.append(("\(folder.path)/\(entry)", name))
        }
      }
    }
    return names
  }

  /// Does `body` while nobody else changes what is under a name, in this process or another.
  private func locked<Value>(
    _ body: (OpenFile) throws(BlobStoreError) -> Value
  ) throws(BlobStoreError) -> Value {
    guard let lock = try OpenFile(opening: lockPath, O_RDWR | O_CREAT) else {
      throw .unavailable("\(path) was removed")
    }
    try lock.lock()
    // Closing the file ends the lock, but it must not be closed before.
    return try withExtendedLifetime(lock) { () throws(BlobStoreError) in try body(lock) }
  }

  /// The time in microseconds, but later than every generation before it, whatever the clock says.
  private func nextGeneration(_ lock: OpenFile, now: Int64) throws(BlobStoreError) -> BlobGeneration {
    let stored = try lock.read(from: 0, count: 8)
    let last = stored.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let next = max(now, Int64(clamping: last) + (last < Int64.max ? 1 : 0), 1)
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: next >> (8 * Int64($0))) }
    try lock.write(bytes, at: 0)
    return BlobGeneration(next)
  }

  private func entries(of folder: String) throws(BlobStoreError) -> [String] {
    guard let stream = opendir(folder) else {
      guard errno == ENOENT || errno == ENOTDIR else { throw .file(folder, errno) }
      return []
    }
    defer { closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw .file(folder, errno) }
    return names
  }

  /// Makes a folder and those above it, and has the disk keep them.
  private func makeFolders(_ folder: String) throws(BlobStoreError) {
    if mkdir(folder, 0o700) == 0 { return try flushFolder(Self.parent(of: folder)) }
    switch errno {
    case EEXIST: return
    case ENOENT:
      try makeFolders(Self.parent(of: folder))
      try makeFolders(folder)
    default: throw .file(folder, errno)
    }
  }

  private func flushFolder(_ folder: String) throws(BlobStoreError) {
    try OpenFile(opening: folder, O_RDONLY)?.flush()
  }

  private func removeEmptyFolders(from folder: String) {
    var folder = folder
    while folder.utf8.count > path.utf8.count, rmdir(folder) == 0 { folder = Self.parent(of: folder) }
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
