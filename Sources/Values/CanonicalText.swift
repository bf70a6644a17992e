import Foundation

extension String {
  /// The text in Unicode's normalisation form C. Strings that Swift considers equal have the same bytes in this form,
  /// so a database that compares bytes considers them equal too.
  public var canonical: String {
    isCertainlyCanonical ? self : precomposedStringWithCanonicalMapping
  }

  /// Whether the text's bytes are those of its canonical form.
  public var isCanonical: Bool {
    isCertainlyCanonical || precomposedStringWithCanonicalMapping.utf8.elementsEqual(utf8)
  }

  /// Characters below U+0300 neither combine nor have another form; their UTF-8 has no byte of 0xCC or above. Nearly
  /// every id consists of them, and the general check takes twenty times as long.
  private var isCertainlyCanonical: Bool { utf8.allSatisfy { $0 < 0xCC } }
}
