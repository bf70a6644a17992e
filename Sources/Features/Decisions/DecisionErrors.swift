import DecisionEngine
import Values

extension APIError {
  /// 422 that tells how a selection could be made.
  init(_ error: SelectionError, currency: Currency) {
    let amount = { (minorUnits: Int64) in
      FixedDecimal.text(Double(minorUnits) / Double(currency.minorUnitsPerMajor), decimals: currency.decimals)
    }
    switch error {
    case .noAds:
      self = .invalid(field: "ad_states", value: "no ads", rule: "at least one ad is needed; import figures first")
    case .duplicateAd(let adID):
      self = .invalid(field: "ad_states", value: adID.value, rule: "each ad may stand there once")
    case .totalOutOfRange(let total):
      self = .invalid(
        field: "total_budget", value: amount(total),
        rule: "must be over 0 and at most \(amount(BattleHardenedSampler.largestTotal))")
    case .minimumBudgetsExceedTotal(let required, let total):
      self = .invalid(
        field: "total_budget", value: amount(total),
        rule: "the minimum budgets alone need \(amount(required)) \(currency): "
          + "raise the total to that or more, or leave out or pause some ads")
    case .dnaScoreOutOfRange(let adID, let score):
      self = .invalid(field: "creative_dna_scores.\(adID)", value: "\(score)", rule: "must be 0 to 1")
    case .dnaScoreWithoutAd(let adID):
      self = .invalid(
        field: "creative_dna_scores.\(adID)", value: adID.value, rule: "must be one of the ads")
    }
  }
}

/// A number with a fixed count of decimals, for people.
public enum FixedDecimal {
  /// Rounds to `decimals` (0 to 6) places; beyond 10^15 the shortest text is given as it is.
  public static func text(_ value: Double, decimals: Int) -> String {
    let scale = scales[min(max(decimals, 0), 6)]
    let scaled = (value.magnitude * Double(scale)).rounded()
    guard scaled < 1e15 else { return "\(value)" }
    let (whole, fraction) = Int64(scaled).quotientAndRemainder(dividingBy: scale)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard scale > 1 else { return "\(sign)\(whole)" }
    // One digit more than the fraction has keeps its leading zeros; the dot takes that digit's place.
    var digits = Array(String(fraction + scale).utf8)
    digits[0] = UInt8(ascii: ".")
    return sign + String(whole) + String(decoding: digits, as: UTF8.self)
  }

  private static let scales: [Int64] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]
}
