import BlobStorage
import TestKit
import Testing

struct BlobValueTests {
  @Test(
    "CRC-32C has its known values: those of RFC 3720, appendix B.4, and of Cloud Storage",
    arguments: [
      ([UInt8](repeating: 0, count: 32), 0x8A91_36AA), ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
      (Array(0..<32), 0x46DD_794E), (Array((0..<32).reversed()), 0x113F_DB5C), (Array("123456789".utf8), 0xE306_9283),
      ([], 0), (Array("hello swift".utf8), 0x3E23_BEC4), (Array("hello".utf8), 0x9A71_BB4C),
      ([UInt8](repeating: UInt8(ascii: "a"), count: 300_000), 0x7917_FE17),
    ] as [([UInt8], UInt32)])
  func checksums(_ bytes: [UInt8], _ value: UInt32) {
    #expect(CRC32C.value(of: bytes) == value)
  }

  @Test("a checksum is the same however the bytes are cut")
  func pieces() {
    var random = SeededRandom(seed: 3)
    let bytes = BlobStoreConformance.bytes(5_000, seed: 3)
    for _ in 0..<50 {
      var checksum = CRC32C()
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = random.int(in: 0...40)
        checksum.update(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
      #expect(checksum.value == CRC32C.value(of: bytes))
    }
  }

  @Test(
    "names that lead nowhere else",
    arguments: ["a", "a/b", "A-1_2.x=y+z@w", "a..b", String(repeating: "x", count: 200), "a/b.blob"])
  func names(_ text: String) {
    #expect(BlobName(text)?.text == text)
  }

  @Test(
    "names that are none",
    arguments: [
      "", "/", "a/", "/a", "a//b", ".", "..", "a/..", "../a", "a/./b", ".a", "a/.lock", "a\0b", "a\nb", "a b", "ü",
      "a\\b", "a%2Fb", "a:b", "~", "a*", String(repeating: "x", count: 201), String(repeating: "x/", count: 256) + "x",
    ])
  func badNames(_ text: String) {
    #expect(BlobName(text) == nil)
  }
}
