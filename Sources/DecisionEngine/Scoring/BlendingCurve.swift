/// How the weight moves from an ad's CTR to its pipeline ROAS as the ad gets older.
public enum BlendingCurve: Hashable, Sendable {
  /// The reference curve: only CTR for 6 hours, then falling to 0.7 at a day, 0.3 at three days and 0.1 in the end.
  case standard
  /// The standard curve in half the time: for offers whose deals move within days.
  case fast
  /// The standard curve in twice the time: for offers whose deals take weeks.
  case slow
  /// Linear between points, constant before the first and after the last.
  case points([Point])

  /// The weight of CTR at an age.
  public struct Point: Hashable, Sendable {
    /// Age of the ad in hours, zero or more.
    public let hours: Double
    /// Weight of CTR, in 0...1.
    public let ctrWeight: Double
  }

  /// How many points a curve may have.
  public static let pointCount = 1...32

  /// Reads `standard`, `fast`, `slow`, or points such as `0:1,24:0.7,72:0.3`.
  ///
  /// Points need rising hours and weights in 0...1. Throws a ``BlendingCurveError`` that says what to change.
  public init(_ text: String) throws(BlendingCurveError) {
    switch text {
    case "standard": self = .standard
    case "fast": self = .fast
    case "slow": self = .slow
    default: self = .points(try Self.parsePoints(text))
    }
  }

  /// The weight of CTR, in 0...1, for an ad of `hours` (zero or more).
  public func ctrWeight(ageHours hours: Double) -> Double {
    switch self {
    case .standard: Self.standardWeight(hours)
    case .fast: Self.standardWeight(hours * 2)
    case .slow: Self.standardWeight(hours / 2)
    case .points(let points): Self.interpolatedWeight(points, hours)
    }
  }

  private static func standardWeight(_ hours: Double) -> Double {
    switch hours {
    case ..<6: 1.0
    case ..<24: 1.0 - 0.3 * (hours - 6) / 18
    case ..<72: 0.7 - 0.4 * (hours - 24) / 48
    default: max(0.1, 0.3 * PortableMath.exp(-0.1 * (hours - 72) / 24))
    }
  }

  private static func interpolatedWeight(_ points: [Point], _ hours: Double) -> Double {
    guard let next = points.firstIndex(where: { $0.hours >= hours }) else {
      return points.last?.ctrWeight ?? 1
    }
    guard next > 0 else { return points[next].ctrWeight }
    let (left, right) = (points[next - 1], points[next])
    let position = (hours - left.hours) / (right.hours - left.hours)
    return left.ctrWeight + position * (right.ctrWeight - left.ctrWeight)
  }

  private static func parsePoints(_ text: String) throws(BlendingCurveError) -> [Point] {
    var points: [Point] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let point = try parsePoint(part, in: text)
      if let last = points.last, last.hours >= point.hours {
        throw BlendingCurveError(text: text, rule: "the hours must rise from point to point")
      }
      points.append(point)
    }
    guard pointCount.contains(points.count) else {
      throw BlendingCurveError(text: text, rule: "a curve has at most \(pointCount.upperBound) points")
    }
    return points
  }

  private static func parsePoint(_ part: Substring, in text: String) throws(BlendingCurveError) -> Point {
    let sides = part.split(separator: ":", omittingEmptySubsequences: false)
    guard sides.count == 2, let hours = Double(sides[0]), let weight = Double(sides[1]) else {
      throw BlendingCurveError(
        text: text, rule: "must be standard, fast, slow, or points hours:weight such as 0:1,24:0.7,72:0.3")
    }
    guard hours.isFinite, (0...87_600).contains(hours) else {
      throw BlendingCurveError(text: text, rule: "hours must be 0 to 87600 (ten years)")
    }
    guard weight.isFinite, (0...1).contains(weight) else {
      throw BlendingCurveError(text: text, rule: "weights must be 0 to 1")
    }
    return Point(hours: hours, ctrWeight: weight)
  }
}

extension BlendingCurve: CustomStringConvertible {
  /// The text that ``init(_:)`` reads back to the same curve.
  public var description: String {
    switch self {
    case .standard: "standard"
    case .fast: "fast"
    case .slow: "slow"
    case .points(let points): points.map { "\($0.hours):\($0.ctrWeight)" }.joined(separator: ",")
    }
  }
}

/// An invalid blending curve.
public struct BlendingCurveError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The text as it was given.
  public let text: String
  /// What it must be.
  public let rule: String

  /// Names the value and the rule.
  public var description: String { "blending_curve is \(text): \(rule)" }
}
