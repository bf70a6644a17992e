import Values

/// The pieces that words are made of, with their numbers: a hash table over the bytes of the vocabulary's file.
struct Vocabulary: Sendable {
  /// Why a file is no vocabulary.
  struct Fault: Error, Equatable {
    let reason: String
  }

  private struct Piece {
    let start: Int32
    let count: Int32
  }

  private let bytes: [UInt8]
  private let pieces: [Piece]
  /// The piece at each place, or -1; a piece that finds its place taken takes the next free one.
  private var slots: [Int32]
  private let longest: Int

  var count: Int { pieces.count }

  /// Reads a file with a piece on each line, its number being the line's, counted from 0. Throws a ``Fault`` where it
  /// does not have `count` different pieces.
  init(_ file: UnsafeRawBufferPointer, count: Int) throws(Fault) {
    bytes = Array(file)
    pieces = Self.lines(of: bytes)
    guard pieces.count == count else { throw Fault(reason: "it has \(pieces.count) pieces, not \(count)") }
    longest = Int(pieces.lazy.map(\.count).max() ?? 0)
    slots = Array(repeating: -1, count: 1 << (Int.bitWidth - (max(count, 1) * 2 - 1).leadingZeroBitCount))
    for index in pieces.indices {
      let piece = pieces[index]
      let place = place(of: bytes[Int(piece.start)..<Int(piece.start + piece.count)])
      guard slots[place] < 0 else { throw Fault(reason: "its piece \(index) is given twice") }
      slots[place] = Int32(index)
    }
  }

  private static func lines(of bytes: [UInt8]) -> [Piece] {
    var pieces: [Piece] = []
    pieces.reserveCapacity(1 << 15)
    var start = 0
    for index in bytes.indices where bytes[index] == 0x0A {
      pieces.append(Piece(start: Int32(start), count: Int32(index - start)))
      start = index + 1
    }
    if start < bytes.count { pieces.append(Piece(start: Int32(start), count: Int32(bytes.count - start))) }
    return pieces
  }

  /// The number of a piece; nil where there is none.
  func number(of piece: String) -> Int32? { number(of: Array(piece.utf8)[...]) }

  func number(of piece: ArraySlice<UInt8>) -> Int32? {
    let index = slots[place(of: piece)]
    return index < 0 ? nil : index
  }

  /// Where the piece stands, or the free place where it would. A quarter of the places at least are free.
  private func place(of piece: ArraySlice<UInt8>) -> Int {
    let mask = slots.count - 1
    var place = Int(truncatingIfNeeded: Self.hash(piece)) & mask
    while slots[place] >= 0, !holds(piece, at: Int(slots[place])) { place = (place + 1) & mask }
    return place
  }

  private func holds(_ piece: ArraySlice<UInt8>, at index: Int) -> Bool {
    let other = pieces[index]
    return Int(other.count) == piece.count
      && bytes[Int(other.start)..<Int(other.start + other.count)].elementsEqual(piece)
  }

  /// FNV-1a, folded: the low bits choose the place.
  private static func hash(_ piece: ArraySlice<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in piece { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash ^ (hash >> 32)
  }

  /// The longest piece that `word` begins with at `start`, and where it ends; `isInside` looks among the pieces that
  /// go on within a word.
  func longestPiece(in word: [UInt8], from start: Int, isInside: Bool) -> (number: Int32, end: Int)? {
    let mark: [UInt8] = isInside ? [0x23, 0x23] : []
    var end = min(word.count, start + longest - mark.count)
    guard end > start else { return nil }
    let candidate = mark + word[start..<end]
    while end > start {
      // A piece ends where a character does.
      let endsCharacter = end == word.count || word[end] & 0xC0 != 0x80
      if endsCharacter, let number = number(of: candidate[..<(mark.count + end - start)]) { return (number, end) }
      end -= 1
    }
    return nil
  }
}
