extension String {
  /// The longest prefix of whole characters whose UTF-8 has at most `limit` bytes.
  public func cut(toBytes limit: Int) -> String {
    guard utf8.count > limit else { return self }
    var bytes = 0
    return String(
      prefix { character in
        bytes += character.utf8.count
        return bytes <= limit
      })
  }
}
