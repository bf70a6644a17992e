extension String {
  /// As many whole characters from the front as `limit` bytes of UTF-8 hold.
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
