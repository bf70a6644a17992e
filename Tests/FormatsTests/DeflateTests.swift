import Formats
import Testing

struct DeflateTests {
  /// Bytes of which some repeat, drawn from a seed.
  private static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = Seeded(seed)
    return (0..<count).map { $0 % 3 == 0 ? UInt8.random(in: 0...255, using: &random) : UInt8(truncatingIfNeeded: $0) }
  }

  @Test("What is packed unpacks to the same bytes", arguments: [0, 1, 100, 65_535, 65_536, 65_537, 300_000])
  func roundTrip(_ count: Int) throws {
    let bytes = Self.bytes(count, seed: UInt64(count))
    let packed = Deflate.pack(bytes)
    #expect(try Deflate.unpack(packed, limit: count) == bytes)
    if count > 1_000 { #expect(packed.count < bytes.count) }
  }

  @Test("Nothing unpacks to more than the limit, however little it was packed into")
  func limit() throws {
    let bomb = Deflate.pack([UInt8](repeating: 0, count: 50_000_000))
    #expect(bomb.count < 100_000)
    #expect(throws: Deflate.Failure.tooLarge) { try Deflate.unpack(bomb, limit: 1_000_000) }
    var most = 0
    #expect(throws: Deflate.Failure.tooLarge) {
      try bomb.withUnsafeBytes { bomb in
        try Deflate.unpack(bomb, .zlib, limit: 100_000) { most += $0.count }
      }
    }
    #expect(most <= 100_000)
  }

  @Test("What was cut off or changed is refused")
  func damage() throws {
    let packed = Deflate.pack(Self.bytes(5_000, seed: 1))
    #expect(throws: Deflate.Failure.cutOff) { try Deflate.unpack(Array(packed.dropLast(5)), limit: 10_000) }
    #expect(throws: Deflate.Failure.cutOff) { try Deflate.unpack([], limit: 10_000) }
    #expect(throws: Deflate.Failure.damaged) { try Deflate.unpack(Array("no such bytes".utf8), limit: 10_000) }
    var random = Seeded(2)
    for _ in 0..<200 {
      var changed = packed
      changed[Int.random(in: 0..<changed.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
      #expect(throws: Deflate.Failure.self) { try Deflate.unpack(changed, limit: 10_000) }
    }
  }
}
