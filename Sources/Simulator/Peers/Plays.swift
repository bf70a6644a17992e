import DecisionEngine

/// Distributes a day's budget in plays: each goes to one ad, and an ad's share is how many it got.
struct Plays {
  /// How many plays make a day's shares.
  static let count = 200

  /// The shares: an ad without a play gets a tiny one, because a share must be positive.
  private(set) var shares: [Double]

  init(ads: Int) {
    shares = Array(repeating: 1e-4, count: ads)
  }

  /// Gives a play to an ad.
  mutating func give(to index: Int) {
    shares[index] += 1
  }

  /// The shares where each play goes to the ad that is best in a new draw of every ad's worth.
  static func ofBestDraws(ads: Int, draw: () -> [Double]) -> [Double] {
    var plays = Plays(ads: ads)
    for _ in 0..<count { plays.give(to: best(draw())) }
    return plays.shares
  }

  /// The index of the largest value, the first of equals.
  static func best(_ figures: [Double]) -> Int {
    figures.indices.max { figures[$0] < figures[$1] } ?? 0
  }
}
