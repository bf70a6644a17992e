/// What a computation will take, in microseconds of one core, as far as it can be told beforehand.
package struct ComputeCost {
  /// What the thread of a connection may spend on one request without keeping others waiting.
  static let quick = 2_000

  /// Microseconds.
  let microseconds: Int

  package init(microseconds: Int) {
    self.microseconds = microseconds
  }

  /// Reading JSON of so many bytes.
  package static func reading(_ bytes: Int) -> ComputeCost { ComputeCost(microseconds: bytes / 200) }

  /// Writing JSON about so many ads.
  package static func writing(_ ads: Int) -> ComputeCost { ComputeCost(microseconds: ads) }
}
