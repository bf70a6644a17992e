import Values

/// A text that may be an ad's id, with the property, parameter or column that holds it.
struct AdWord: Hashable, Sendable {
  let name: String
  let value: String

  /// Whether people fill such fields freely: UTM tags.
  var isFree: Bool { CRMReader.loose(name).hasPrefix("utm") }

  /// The ad that the text names; nil where it names none.
  ///
  /// Freely written text counts only if it is a number in Meta's format or the id of an ad with figures; a placeholder
  /// that was not filled in, such as `{{ad.id}}`, never does.
  func ad(_ knowsAd: (AdID) throws -> Bool) rethrows -> AdID? {
    guard let adID = AdID(value), !value.contains("{{") else { return nil }
    guard isFree, !Self.looksLikeMetaID(adID) else { return adID }
    return try knowsAd(adID) ? adID : nil
  }

  /// The first ad that any of the texts names.
  static func ad(among words: [AdWord], _ knowsAd: (AdID) throws -> Bool) rethrows -> AdID? {
    for word in words {
      if let adID = try word.ad(knowsAd) { return adID }
    }
    return nil
  }

  /// Meta's ids are decimal numbers, currently of 15 to 18 digits.
  private static func looksLikeMetaID(_ adID: AdID) -> Bool {
    (10...20).contains(adID.value.utf8.count) && adID.value.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }
}
