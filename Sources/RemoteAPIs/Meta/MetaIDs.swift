import Values

/// The number of something at Meta: a campaign, an ad set, an ad, a report.
package struct MetaID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// What a number must be, in words.
  package static let rule = "must be 1 to 32 decimal digits"

  /// The digits.
  package let value: String

  /// Returns nil where `value` breaks ``rule``.
  package init?(_ value: String) {
    guard (1...32).contains(value.utf8.count), value.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    self.value = value
  }

  package var description: String { value }

  /// Orders numbers by their digits as text.
  package static func < (left: MetaID, right: MetaID) -> Bool { left.value < right.value }
}

/// An ad account of Meta's.
package struct MetaAdAccountID: Hashable, Sendable, CustomStringConvertible {
  /// What an ad account's number must be, in words.
  package static let rule = "must be an ad account's number, such as act_1234567890"

  /// The number, without `act_`.
  package let number: MetaID

  /// Takes the number with or without `act_`. Returns nil for anything else.
  package init?(_ text: String) {
    guard let number = MetaID(text.hasPrefix("act_") ? String(text.dropFirst(4)) : text) else { return nil }
    self.number = number
  }

  /// The number as the Graph API wants it: `act_` and digits.
  package var description: String { "act_\(number)" }
}
