/// The estimated cost of a computation, in microseconds of one core.
package struct ComputeCost {
  /// How long a connection's thread may spend on one request without delaying others.
  static let quick = 2_000

  let microseconds: Int

  package init(microseconds: Int) {
    self.microseconds = microseconds
  }

  /// Reading this many bytes of JSON.
  package static func reading(_ bytes: Int) -> ComputeCost { ComputeCost(microseconds: bytes / 200) }

  /// Writing JSON about this many ads.
  package static func writing(_ ads: Int) -> ComputeCost { ComputeCost(microseconds: ads) }
}
