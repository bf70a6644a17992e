/// What a computation will take, in microseconds of one core, as far as it can be told beforehand.
struct ComputeCost {
  /// What the thread of a connection may spend on one request without keeping others waiting.
  static let quick = 2_000

  /// Microseconds.
  let microseconds: Int

  /// Reading JSON of so many bytes.
  static func reading(_ bytes: Int) -> ComputeCost { ComputeCost(microseconds: bytes / 200) }

  /// Writing JSON about so many ads.
  static func writing(_ ads: Int) -> ComputeCost { ComputeCost(microseconds: ads) }
}
