import Foundation
import Testing
import Values

/// Texts that Swift takes for equal have the same bytes in canonical form.
struct CanonicalTextTests {
  @Test(
    "Every character's decomposition has the bytes of the character's canonical form",
    arguments: [0x0, 0x1000, 0x2000, 0xA000, 0xF000, 0x1D000])
  func characters(_ start: UInt32) {
    for value in start..<start + 0x1000 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = String(scalar)
      let decomposed = text.decomposedStringWithCanonicalMapping
      guard !decomposed.utf8.elementsEqual(text.utf8) || !text.isCanonical else { continue }
      #expect(text == decomposed)
      #expect(text.canonical.utf8.elementsEqual(decomposed.canonical.utf8), "U+\(String(value, radix: 16))")
      #expect(text.canonical.isCanonical)
    }
  }

  @Test("Ids are canonical where they come in and as they were where they are read back")
  func ids() throws {
    let spelled = "Ko\u{308}ln"
    #expect(try Array(#require(AdID(spelled)).value.utf8) == Array("K\u{F6}ln".utf8))
    #expect(try Array(#require(AdID(stored: spelled)).value.utf8) == Array(spelled.utf8))
    #expect(AdID(String(repeating: "o\u{308}", count: 64))?.value.utf8.count == 128)
    #expect(AdID(String(repeating: "o\u{308}", count: 65)) == nil)
    #expect(AdID(String(repeating: "a", count: 100_000)) == nil)
  }
}
