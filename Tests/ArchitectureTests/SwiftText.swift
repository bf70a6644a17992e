/// A token of Swift code.
struct Token: Equatable {
  let text: String
  let line: Int
  /// Whether it stands directly behind the token before it.
  let isGlued: Bool
}

/// Swift source taken apart: its tokens, without comments and the text of literals, and where its comments are.
///
/// What stands in `\( )` within a literal is code and is kept. Regular expression literals are not known.
struct SwiftText {
  private(set) var tokens: [Token] = []
  /// The lines, counted from 1, that hold a comment or a part of one.
  private(set) var commentLines: Set<Int> = []

  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  private var endOfLastToken = 0

  init(_ source: String) {
    bytes = Array(source.utf8)
    readCode(inInterpolation: false)
  }

  /// Reads tokens up to the end, or past the parenthesis that closes an interpolation.
  private mutating func readCode(inInterpolation: Bool) {
    var depth = 0
    while let byte = peek() {
      if byte <= UInt8(ascii: " ") {
        skip()
      } else if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "/") {
        readLineComment()
      } else if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
        readBlockComment()
      } else if let hashes = literalHashes() {
        readLiteral(hashes: hashes)
      } else if Self.isOfWord(byte) {
        let start = position
        while let next = peek(), Self.isOfWord(next) { skip() }
        append(from: start)
      } else {
        if byte == UInt8(ascii: "(") { depth += 1 }
        if byte == UInt8(ascii: ")") { depth -= 1 }
        skip()
        if inInterpolation, depth < 0 { return }
        append(from: position - 1)
      }
    }
  }

  private mutating func append(from start: Int) {
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    tokens.append(Token(text: text, line: line, isGlued: start == endOfLastToken && start > 0))
    endOfLastToken = position
  }

  private mutating func readLineComment() {
    commentLines.insert(line)
    while let byte = peek(), byte != UInt8(ascii: "\n") { skip() }
  }

  private mutating func readBlockComment() {
    var depth = 0
    while let byte = peek() {
      commentLines.insert(line)
      if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
        depth += 1
        skip(2)
      } else if byte == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
        depth -= 1
        skip(2)
        if depth == 0 { return }
      } else {
        skip()
      }
    }
  }

  /// How many `#` open a literal here; nil where there is none.
  private func literalHashes() -> Int? {
    var hashes = 0
    while peek(hashes) == UInt8(ascii: "#") { hashes += 1 }
    return peek(hashes) == UInt8(ascii: "\"") ? hashes : nil
  }

  /// Leaves a token `"` for each end of the literal, so that what is before and after it stays apart.
  private mutating func readLiteral(hashes: Int) {
    let quote = UInt8(ascii: "\"")
    skip(hashes)
    let quotes = peek(1) == quote && peek(2) == quote ? 3 : 1
    tokens.append(Token(text: "\"", line: line, isGlued: false))
    skip(quotes)
    while let byte = peek() {
      if byte == quote, repeats(quote, quotes), repeats(UInt8(ascii: "#"), hashes, after: quotes) {
        skip(quotes + hashes)
        tokens.append(Token(text: "\"", line: line, isGlued: true))
        endOfLastToken = position
        return
      } else if byte == UInt8(ascii: "\\"), repeats(UInt8(ascii: "#"), hashes, after: 1) {
        skip(hashes + 2)
        if bytes[position - 1] == UInt8(ascii: "(") {
          tokens.append(Token(text: "(", line: line, isGlued: true))
          readCode(inInterpolation: true)
          tokens.append(Token(text: ")", line: line, isGlued: false))
        }
      } else if byte == UInt8(ascii: "\n"), quotes == 1 {
        return
      } else {
        skip()
      }
    }
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "`"), 0x80...0xFF:
      true
    default: false
    }
  }

  private func peek(_ offset: Int = 0) -> UInt8? {
    position + offset < bytes.count ? bytes[position + offset] : nil
  }

  private func repeats(_ byte: UInt8, _ count: Int, after offset: Int = 0) -> Bool {
    (0..<count).allSatisfy { peek(offset + $0) == byte }
  }

  private mutating func skip(_ count: Int = 1) {
    for _ in 0..<count {
      guard let byte = peek() else { return }
      if byte == UInt8(ascii: "\n") { line += 1 }
      position += 1
    }
  }
}
