/// How BERT's tokenizer sees characters.
///
/// Its reference implementation (Hugging Face's `tokenizers`) has tables of Unicode 8: characters that came later have
/// no category there, and a few have had another one since. A comparison of all characters found no other difference.
enum BertCharacters {
  /// Whether the character is dropped: a control, a format such as a zero-width joiner, or one for private use.
  static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A, 0x0D, 0x20..<0x7F: return false
    case 0xFFFD: return true
    default: break
    }
    switch category(scalar) {
    case .control, .format, .privateUse: return true
    default: return false
    }
  }

  static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x80 ? scalar.value == 0x20 || (0x09...0x0D).contains(scalar.value) : scalar.properties.isWhitespace
  }

  /// Whether the character is a word of its own. Of ASCII these are also symbols such as `$` and `+`.
  static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: return true
    case 0..<0x80: return false
    default: break
    }
    switch category(scalar) {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      return true
    default: return false
    }
  }

  /// Whether the character is an accent, which is taken off.
  static func isAccent(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value >= 0x300 && category(scalar) == .nonspacingMark
  }

  /// Whether the character is an ideograph, which is a word of its own. The blocks are the reference's, with its gap.
  static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
      0x2B920...0x2CEAF, 0x2F800...0x2FA1F:
      return true
    default: return false
    }
  }

  /// The category in Unicode 8; nil for characters that were not assigned then.
  private static func category(_ scalar: Unicode.Scalar) -> Unicode.GeneralCategory? {
    switch scalar.value {
    case 0x166D, 0x111C9: return .otherPunctuation
    case 0x1734, 0x1171E: return .nonspacingMark
    case 0x1885, 0x1886: return .otherLetter
    case 0xA9BD: return .spacingMark
    default: break
    }
    let category = scalar.properties.generalCategory
    // Private use has no age in the tables, and is of the first versions.
    guard category != .privateUse, category != .control else { return category }
    guard let age = scalar.properties.age, age <= (8, 0) else { return nil }
    return category
  }
}
