/// Turns texts into the numbers of word pieces as `bert-base-uncased` does.
struct WordPieceTokenizer: Sendable {
  /// The most pieces of a text with the two that mark its ends; what follows is cut off.
  static let limit = 256
  /// A word of more characters is unknown.
  private static let longestWord = 100

  private let vocabulary: Vocabulary
  private let unknown: Int32
  private let start: Int32
  private let end: Int32
  /// Words that stand for themselves wherever a text has them, even within a word.
  private let special: [(text: String, number: Int32)]

  /// Throws a `Vocabulary.Fault` where the vocabulary lacks a special piece.
  init(_ vocabulary: Vocabulary) throws(Vocabulary.Fault) {
    self.vocabulary = vocabulary
    func number(_ text: String) throws(Vocabulary.Fault) -> Int32 {
      guard let number = vocabulary.number(of: text) else { throw Vocabulary.Fault(reason: "it has no piece \(text)") }
      return number
    }
    unknown = try number("[UNK]")
    start = try number("[CLS]")
    end = try number("[SEP]")
    special = [
      ("[UNK]", unknown), ("[CLS]", start), ("[SEP]", end), ("[PAD]", try number("[PAD]")),
      ("[MASK]", try number("[MASK]")),
    ]
  }

  /// The text's pieces, at most ``limit``.
  func encode(_ text: String) -> [Int32] {
    var pieces = [start]
    pieces.reserveCapacity(32)
    var rest = text[...]
    // Bytes are looked through first: hardly any text has a bracket.
    while pieces.count < Self.limit, rest.utf8.contains(UInt8(ascii: "[")), let (range, number) = firstSpecial(in: rest)
    {
      append(rest[..<range.lowerBound], to: &pieces)
      pieces.append(number)
      rest = rest[range.upperBound...]
    }
    append(rest, to: &pieces)
    if pieces.count > Self.limit - 1 { pieces.removeLast(pieces.count - (Self.limit - 1)) }
    pieces.append(end)
    return pieces
  }

  /// The first special word, found byte by byte: a character that combines with its bracket does not hide it.
  private func firstSpecial(in text: Substring) -> (Range<Substring.Index>, Int32)? {
    let bytes = text.utf8
    var place = bytes.startIndex
    while let open = bytes[place...].firstIndex(of: UInt8(ascii: "[")) {
      for word in special where bytes[open...].starts(with: word.text.utf8) {
        return (open..<bytes.index(open, offsetBy: word.text.utf8.count), word.number)
      }
      place = bytes.index(after: open)
    }
    return nil
  }

  /// Appends the pieces of a text without special words, until there are enough.
  private func append(_ text: Substring, to pieces: inout [Int32]) {
    BertWords.forEach(in: text) { word in
      append(word, to: &pieces)
      return pieces.count < Self.limit
    }
  }

  /// Appends the pieces of a word, the longest first; the one for what is unknown where it does not consist of pieces.
  private func append(_ word: BertWords.Word, to pieces: inout [Int32]) {
    guard word.characters <= Self.longestWord else { return pieces.append(unknown) }
    let count = pieces.count
    var place = 0
    while place < word.bytes.count {
      guard let piece = vocabulary.longestPiece(in: word.bytes, from: place, isInside: place > 0) else {
        pieces.removeLast(pieces.count - count)
        return pieces.append(unknown)
      }
      pieces.append(piece.number)
      place = piece.end
    }
  }
}
