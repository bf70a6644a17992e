import Foundation

/// Splits text into words as BERT's uncased models do: lower case, without accents and controls, and with punctuation
/// and ideographs by themselves.
struct BertWords {
  /// A word in UTF-8, and how many characters (Unicode scalars) it has.
  struct Word {
    var bytes: [UInt8] = []
    var characters = 0

    mutating func append(_ scalar: Unicode.Scalar) {
      bytes.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)  // Every scalar has UTF-8.
      characters += 1
    }
  }

  /// Hands over the words in order until `body` returns false.
  static func forEach(in text: Substring, _ body: (Word) -> Bool) {
    var words = BertWords()
    for scalar in text.unicodeScalars {
      if BertCharacters.isDropped(scalar) { continue }
      let standsAlone = BertCharacters.isIdeograph(scalar)
      if standsAlone || BertCharacters.isBlank(scalar) {
        guard words.flush(body) else { return }
      }
      if standsAlone {
        words.run.append(scalar)
        words.isASCII = false
        guard words.flush(body) else { return }
      } else if !BertCharacters.isBlank(scalar) {
        words.run.append(scalar)
        words.isASCII = words.isASCII && scalar.isASCII
      }
    }
    _ = words.flush(body)
  }

  /// What has come since the last blank. Accents are taken off a whole run, because they may follow what was dropped.
  private var run: [Unicode.Scalar] = []
  private var isASCII = true

  /// Hands over the words of the run. Returns whether more are wanted.
  private mutating func flush(_ body: (Word) -> Bool) -> Bool {
    guard !run.isEmpty else { return true }
    defer {
      run.removeAll(keepingCapacity: true)
      isASCII = true
    }
    var word = Word()
    for scalar in isASCII ? run : Self.folded(run) {
      if isASCII, (0x41...0x5A).contains(scalar.value) {
        word.append(Unicode.Scalar(UInt8(truncatingIfNeeded: scalar.value | 0x20)))
        continue
      }
      guard BertCharacters.isPunctuation(scalar) else {
        word.append(scalar)
        continue
      }
      if word.characters > 0, !body(word) { return false }
      word = Word()
      word.append(scalar)
      guard body(word) else { return false }
      word = Word()
    }
    return word.characters == 0 || body(word)
  }

  /// Without accents, in lower case.
  private static func folded(_ run: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: run)
    var folded: [Unicode.Scalar] = []
    for scalar in String(text).decomposedStringWithCanonicalMapping.unicodeScalars
    where !BertCharacters.isAccent(scalar) {
      folded.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
    }
    return folded
  }
}
