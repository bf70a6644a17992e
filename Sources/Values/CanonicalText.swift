import Foundation

extension String {
  /// The text in Unicode's normalisation form C. Texts that Swift takes for equal have the same bytes in it, so that a
  /// database that compares bytes takes them for equal too.
  public var canonical: String {
    isCertainlyCanonical ? self : precomposedStringWithCanonicalMapping
  }

  /// Whether the text's bytes are those of its canonical form.
  public var isCanonical: Bool {
    isCertainlyCanonical || precomposedStringWithCanonicalMapping.utf8.elementsEqual(utf8)
  }

  /// Characters below U+0300, whose UTF-8 has no byte from 0xCC on, neither combine nor have another form. Nearly every
  /// id consists of them, and the general case takes twenty times as long.
  private var isCertainlyCanonical: Bool { utf8.allSatisfy { $0 < 0xCC } }
}
