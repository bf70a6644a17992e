import Crypto
import DecisionEngine
import Formats
import Values

/// A snapshot as stored.
struct SnapshotRow: Equatable, Sendable {
  /// Counted up within the account.
  var number: Int
  /// The snapshot that this one's content is based on; nil for a complete one.
  var base: Int?
  /// The first of the snapshots needed to read this one: itself, or one before its base.
  var oldest: Int
  /// The hash of the complete content, by which the same figures are found again.
  var sha256: String
  /// What ``SnapshotCoding`` writes, compressed.
  var content: [UInt8]
}

struct HashedSnapshot: Sendable {
  let snapshot: Snapshot
  /// The size of the complete content in bytes, before compression.
  let byteCount: Int
  /// SHA-256 of the complete content, in hexadecimal digits.
  let sha256: String

  init(_ snapshot: Snapshot) {
    let whole = SnapshotCoding.whole(snapshot)
    self.snapshot = snapshot
    byteCount = whole.count
    sha256 = Hex.text(SHA256.hash(data: whole))
  }
}

/// A snapshot to be stored: as the difference from the latest one where that is small, otherwise complete.
struct SnapshotDraft: Sendable {
  /// The snapshot that it is based on.
  struct Base: Equatable, Sendable {
    let number: Int
    let oldest: Int
  }

  let hashed: HashedSnapshot
  let base: Base?
  /// What is stored, compressed.
  let content: [UInt8]

  /// The most snapshots read to rebuild one: after this many, every ad has been renewed.
  static let longestChain = SnapshotCoding.Renewal.partCount

  /// The most bytes that a snapshot and those needed to read it may decompress to.
  static let byteLimit = 256 << 20

  /// A complete snapshot.
  init(whole hashed: HashedSnapshot) throws(SnapshotProblem) {
    guard hashed.snapshot.ads.count <= Snapshot.mostAds else { throw .tooLarge("\(hashed.snapshot.ads.count) ads") }
    guard hashed.byteCount <= Self.byteLimit else { throw .tooLarge("\(hashed.byteCount) bytes") }
    self.init(hashed: hashed, base: nil, content: Deflate.pack(SnapshotCoding.whole(hashed.snapshot)))
  }

  private init(hashed: HashedSnapshot, base: Base?, content: [UInt8]) {
    self.hashed = hashed
    self.base = base
    self.content = content
  }

  /// A snapshot after the last of `chain`, which are the rows needed to read that one, oldest first.
  ///
  /// It is complete where the chain is empty, for another funnel or damaged, and where little would be saved: what is
  /// stored now must be readable whatever happened to earlier rows.
  init(_ hashed: HashedSnapshot, after chain: [SnapshotRow]) throws(SnapshotProblem) {
    guard let last = chain.last, let base = try? RebuiltSnapshot(chain),
      base.snapshot.funnel?.stages.stepCount == hashed.snapshot.funnel?.stages.stepCount
    else {
      try self.init(whole: hashed)
      return
    }
    let content = SnapshotCoding.content(of: hashed.snapshot, after: base.snapshot, renewing: base.renewal.next)
    guard content.count < hashed.byteCount / 2, base.byteCount + content.count <= Self.byteLimit else {
      try self.init(whole: hashed)
      return
    }
    let oldest = chain[chain.count < Self.longestChain ? 0 : 1].number
    self.init(hashed: hashed, base: Base(number: last.number, oldest: oldest), content: Deflate.pack(content))
  }
}

/// A snapshot that has been read back.
struct RebuiltSnapshot {
  let snapshot: Snapshot
  /// What the last content renewed.
  let renewal: SnapshotCoding.Renewal
  /// How many bytes the contents decompressed to.
  let byteCount: Int

  /// Reads the last snapshot of `chain`, which contains the rows it needs, oldest first. Throws where the result is not
  /// what was stored.
  init(_ chain: [SnapshotRow]) throws(SnapshotProblem) {
    var rebuilding = SnapshotRebuilding()
    var bytes = 0
    for row in chain {
      let content: [UInt8]
      do throws(Deflate.Failure) {
        content = try Deflate.unpack(row.content, limit: SnapshotDraft.byteLimit - bytes)
      } catch {
        throw .damaged("snapshot \(row.number) cannot be unpacked (\(error))")
      }
      bytes += content.count
      try rebuilding.take(content)
    }
    (byteCount, renewal) = (bytes, rebuilding.renewal)
    let hashed = HashedSnapshot(try rebuilding.snapshot())
    guard hashed.sha256 == chain.last?.sha256 else { throw .damaged("it has another hash than when it was stored") }
    snapshot = hashed.snapshot
  }
}
