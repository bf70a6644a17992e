import Values

/// A word that may be an ad's id, with the property, parameter or column that holds it.
struct AdWord: Hashable, Sendable {
  let name: String
  let value: String

  /// Whether people write such words freely: those of UTM tags.
  var isFree: Bool { CRMReader.loose(name).hasPrefix("utm") }

  /// The ad that the word names; nil where it names none.
  ///
  /// A word that is written freely counts only if it is a number of Meta's form or an ad with figures, and a placeholder
  /// such as `{{ad.id}}` that nothing was put in place of never does.
  func ad(_ knowsAd: (AdID) throws -> Bool) rethrows -> AdID? {
    guard let adID = AdID(value), !value.contains("{{") else { return nil }
    guard isFree, !Self.looksLikeMetaID(adID) else { return adID }
    return try knowsAd(adID) ? adID : nil
  }

  /// The first ad that any of the words names.
  static func ad(among words: [AdWord], _ knowsAd: (AdID) throws -> Bool) rethrows -> AdID? {
    for word in words {
      if let adID = try word.ad(knowsAd) { return adID }
    }
    return nil
  }

  /// Meta's ids are decimal numbers, at present of 15 to 18 digits.
  private static func looksLikeMetaID(_ adID: AdID) -> Bool {
    (10...20).contains(adID.value.utf8.count) && adID.value.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }
}
