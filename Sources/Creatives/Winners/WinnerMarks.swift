import DecisionEngine
import Values

/// Which winners come, go and come back as figures change: the rule applied to what is remembered.
enum WinnerMarks {
  /// The winners that are others now: new ones, without number and change, and those whose marks differ.
  ///
  /// An ad that wins again does so with the figures of now. One that somebody named a winner stays one, and gets figures
  /// and a reason of its own once it wins by the rule.
  static func changed(
    _ ads: [AdState], _ known: [AdID: Winner], by rule: WinnerRule, at now: Instant
  ) -> [Winner] {
    ads.compactMap { ad in
      let reason = WinReason(rule.judge(ad))
      guard var winner = known[ad.adID] else {
        return reason.map { Winner(ad.adID, of: ad.accountID, by: $0, at: now, then: WinnerFigures(ad)) }
      }
      switch (reason, winner.reason, winner.isWinning) {
      case (let reason?, .hand, _), (let reason?, _, false):
        if !winner.isWinning { winner.wonAt = now }
        winner.reason = reason
        winner.lostAt = nil
        winner.then = WinnerFigures(ad)
      case (nil, .roas, true), (nil, .ctr, true), (nil, .both, true): winner.lostAt = now
      case (.some, _, true), (nil, .hand, _), (nil, _, false): return nil
      }
      winner.updatedAt = now
      return winner
    }
  }
}
