import CZlib
import Formats
import Values

/// The members of a ZIP archive in memory.
struct ZipArchive {
  private struct Member {
    let method: Int
    let isEncrypted: Bool
    let checksum: Int
    let compressedBytes: Int
    let bytes: Int
    let headerOffset: Int
  }

  private let archive: [UInt8]
  private var members: [String: Member] = [:]

  private static let mostMembers = 10_000

  /// Throws a ``WorkbookError`` where the archive has no readable directory.
  init(_ archive: [UInt8]) throws(WorkbookError) {
    self.archive = archive
    let directory = try Self.directory(of: archive)
    var offset = directory.offset
    for _ in 0..<directory.count {
      guard Self.number(archive, offset, 4) == 0x0201_4B50, let nameBytes = Self.number(archive, offset + 28, 2),
        let extraBytes = Self.number(archive, offset + 30, 2), let commentBytes = Self.number(archive, offset + 32, 2),
        let flags = Self.number(archive, offset + 8, 2), let method = Self.number(archive, offset + 10, 2),
        let checksum = Self.number(archive, offset + 16, 4), let compressed = Self.number(archive, offset + 20, 4),
        let bytes = Self.number(archive, offset + 24, 4), let header = Self.number(archive, offset + 42, 4),
        offset + 46 + nameBytes <= archive.count
      else { throw .damaged("its directory of parts is cut off") }
      let name = String(decoding: archive[(offset + 46)..<(offset + 46 + nameBytes)], as: UTF8.self)
      members[name] = Member(
        method: method, isEncrypted: flags & 1 == 1, checksum: checksum, compressedBytes: compressed, bytes: bytes,
        headerOffset: header)
      offset += 46 + nameBytes + extraBytes + commentBytes
    }
  }

  func has(_ name: String) -> Bool { members[name] != nil }

  /// Passes a member's content to `body` piece by piece.
  ///
  /// Throws a ``WorkbookError`` for a missing or damaged member and for one of more than `limit` bytes, whatever size
  /// its header claims; and whatever `body` throws.
  func read(_ name: String, limit: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    guard let member = members[name] else { throw WorkbookError.damaged("it has no part \(name)") }
    guard !member.isEncrypted else { throw WorkbookError("is protected by a password; save it without one") }
    guard member.bytes <= limit else { throw WorkbookError.tooLarge("a part \(name) of \(member.bytes) bytes") }
    guard Self.number(archive, member.headerOffset, 4) == 0x0403_4B50,
      let nameBytes = Self.number(archive, member.headerOffset + 26, 2),
      let extraBytes = Self.number(archive, member.headerOffset + 28, 2)
    else { throw WorkbookError.damaged("the part \(name) is not where it should be") }
    let start = member.headerOffset + 30 + nameBytes + extraBytes
    guard start + member.compressedBytes <= archive.count else {
      throw WorkbookError.damaged("the part \(name) is cut off")
    }
    var checksum = crc32(0, nil, 0)
    func take(_ piece: UnsafeRawBufferPointer) throws {
      checksum = crc32(checksum, piece.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt32(piece.count))
      try body(piece)
    }
    try archive.withUnsafeBytes { archive in
      let compressed = UnsafeRawBufferPointer(rebasing: archive[start..<(start + member.compressedBytes)])
      switch member.method {
      case 0: try take(compressed)
      case 8: try Self.unpack(compressed, limit: limit, name, take)
      default: throw WorkbookError.damaged("the part \(name) is compressed in an unknown way")
      }
    }
    guard Int(checksum) == member.checksum else { throw WorkbookError.damaged("the part \(name) has changed") }
  }

  private static func unpack(
    _ compressed: UnsafeRawBufferPointer, limit: Int, _ name: String, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    do {
      try Deflate.unpack(compressed, .none, limit: limit, body)
    } catch let failure as Deflate.Failure {
      throw switch failure {
      case .damaged: WorkbookError.damaged("the part \(name) cannot be unpacked")
      case .cutOff: WorkbookError.damaged("the part \(name) is cut off")
      case .tooLarge: WorkbookError.tooLarge("a part \(name) of more than \(limit) bytes")
      }
    }
  }

  /// The record at the archive's end holds the position of the directory; a comment of up to 65,535 bytes may follow
  /// it.
  private static func directory(of archive: [UInt8]) throws(WorkbookError) -> (offset: Int, count: Int) {
    var end = archive.count - 22
    let first = max(0, end - 65_535)
    while end >= first, end >= 0 {
      if archive[end] == 0x50, number(archive, end, 4) == 0x0605_4B50, let count = number(archive, end + 10, 2),
        let offset = number(archive, end + 16, 4)
      {
        guard count <= mostMembers, offset < archive.count else { break }
        return (offset, count)
      }
      end -= 1
    }
    throw .damaged("it has no directory of parts")
  }

  /// A little-endian number of `count` bytes; nil beyond the archive's end.
  private static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int? {
    guard offset >= 0, offset + count <= bytes.count else { return nil }
    return (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }
}
