import DecisionEngine
import Formats

extension FatigueReport {
  /// The report's finding, in words.
  var reason: String {
    switch rule {
    case .tooFewDays: "\(days) days are known; at least \(FatigueDetector.minimumDays) are needed"
    case .ctrDecline: "CTR fell by \(Percent.text(ctrChange?.magnitude)) against three days ago"
    case .highFrequency:
      "each person saw the ad \(FixedDecimal.text(frequency ?? 0, decimals: 2)) times, "
        + "more than \(FatigueDetector.saturationFrequency)"
    case .cpmSpike:
      "a thousand impressions cost \(Percent.text(cpmChange?.magnitude)) more than three days ago"
    case .stalledGrowth: "impressions changed by \(Percent.text(impressionGrowth)) in seven days"
    case .noSign: "no sign of wear"
    }
  }
}

extension FatigueTrend {
  /// The trend in words, with the probability that it is chance.
  var reason: String {
    "CTR went from \(Percent.text(startCTR, decimals: 2)) to \(Percent.text(endCTR, decimals: 2)) in "
      + "\(Self.windowDays) days (\(days) with delivery, \(FixedDecimal.text(clicks, decimals: 0)) clicks); of ads "
      + "whose CTR stays the same \(Percent.text(pValue, decimals: 2)) show such a fall by chance"
  }
}

extension AdWear {
  /// Why the ad works less well, in words; nil where it does not wear.
  package var reason: String? {
    let explained = chance.map {
      ", which its ups and downs of \(report.days) days explain with a chance of \(Percent.text($0, decimals: 2))"
    }
    let isChange = report.rule != .highFrequency
    let parts = [
      isOrdinary || report.level == .none ? nil : report.reason + (isChange ? explained ?? "" : ""),
      isDeclining ? trend?.reason : nil,
    ].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  /// The status by the rules, or fatiguing where only the trend shows it.
  package var status: FatigueStatus {
    report.status == .healthy && isDeclining ? .fatiguing : report.status
  }
}

/// Shares in percent, for sentences.
private enum Percent {
  static func text(_ share: Double?, decimals: Int = 1) -> String {
    FixedDecimal.text((share ?? 0) * 100, decimals: decimals) + " %"
  }
}
