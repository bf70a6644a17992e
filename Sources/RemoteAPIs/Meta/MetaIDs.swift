import Values

/// The id of an object at Meta: a campaign, an ad set, an ad, a report.
package struct MetaID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// What an id must be, in words.
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

  /// Orders ids by their digits as text.
  package static func < (left: MetaID, right: MetaID) -> Bool { left.value < right.value }
}

package struct MetaAdAccountID: Hashable, Sendable, CustomStringConvertible {
  /// What an ad account's id must be, in words.
  package static let rule = "must be an ad account's number, such as act_1234567890"

  /// The id without `act_`.
  package let number: MetaID

  /// Accepts the id with or without `act_`. Returns nil for anything else.
  package init?(_ text: String) {
    guard let number = MetaID(text.hasPrefix("act_") ? String(text.dropFirst(4)) : text) else { return nil }
    self.number = number
  }

  /// The id in the form of the Graph API: `act_` and digits.
  package var description: String { "act_\(number)" }
}
