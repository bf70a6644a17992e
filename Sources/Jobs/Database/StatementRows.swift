import Storage

/// How many rows go into one statement. Starting a statement costs as much as several rows of it, and each number of
/// rows is prepared separately, so few numbers are used.
enum StatementRows {
  static let most = 128

  /// Splits `items` into pieces of 128, 32, 8, 2 and 1, in order.
  static func pieces<Item>(_ items: [Item]) -> [ArraySlice<Item>] {
    var pieces: [ArraySlice<Item>] = []
    var rest = items[...]
    for length in [most, 32, 8, 2, 1] {
      while rest.count >= length {
        pieces.append(rest.prefix(length))
        rest = rest.dropFirst(length)
      }
    }
    return pieces
  }

  /// Splits `items` into pieces of at most 128, and pads each with its last item to a power of two: for statements
  /// whose effect is the same whether they name a row once or twice.
  static func paddedPieces<Item>(_ items: [Item]) -> [[Item]] {
    stride(from: 0, to: items.count, by: most).map { start in
      var piece = Array(items[start..<min(start + most, items.count)])
      var length = 1
      while length < piece.count { length *= 2 }
      if let last = piece.last { piece += Array(repeating: last, count: length - piece.count) }
      return piece
    }
  }
}
