import DecisionEngine
import TestKit
import Testing

@Suite struct BlendingCurveTests {
  /// Ages in hours and the weight of CTR, from the formulas of the design, the last piece computed in Python.
  static let joints: [(Double, Double)] = [
    (0, 1), (3, 1), (5.999, 1), (6, 1), (6.06, 0.999), (15, 0.85), (23.94, 0.701), (24, 0.7), (24.12, 0.699),
    (48, 0.5), (60, 0.4), (71.88, 0.301), (72, 0.3), (96, 0.27145122541078787), (168, 0.20109601381069175),
    (300, 0.11602230703635034), (335, 0.1002782820210429), (335.5, 0.1000695864002538), (335.75, 0.1), (336, 0.1),
    (1_000, 0.1), (1e6, 0.1), (1e300, 0.1),
  ]

  @Test(arguments: joints)
  func standardFollowsTheReference(hours: Double, weight: Double) {
    #expect(agrees(BlendingCurve.standard.ctrWeight(ageHours: hours), weight))
  }

  @Test(arguments: joints)
  func fastReachesTheWeightsInHalfTheTime(hours: Double, weight: Double) {
    #expect(agrees(BlendingCurve.fast.ctrWeight(ageHours: hours / 2), weight))
  }

  @Test(arguments: joints.dropLast())
  func slowReachesTheWeightsInTwiceTheTime(hours: Double, weight: Double) {
    #expect(agrees(BlendingCurve.slow.ctrWeight(ageHours: hours * 2), weight))
  }

  @Test func theThreeDifferAtADay() {
    #expect(agrees(BlendingCurve.fast.ctrWeight(ageHours: 24), 0.5))
    #expect(agrees(BlendingCurve.standard.ctrWeight(ageHours: 24), 0.7))
    #expect(agrees(BlendingCurve.slow.ctrWeight(ageHours: 24), 0.9))
  }

  @Test(arguments: [BlendingCurve.standard, .fast, .slow])
  func trustInCTRNeverGrowsAndNeverJumps(curve: BlendingCurve) {
    var before = curve.ctrWeight(ageHours: 0)
    for quarter in 1...4_000 {
      let now = curve.ctrWeight(ageHours: Double(quarter) / 4)
      guard now <= before, before - now < 0.01, (0.1...1).contains(now) else {
        Issue.record("\(curve) at \(Double(quarter) / 4) h: \(before), \(now)")
        return
      }
      before = now
    }
    #expect(before == 0.1)
  }

  @Test(arguments: [
    (0, 1), (12, 0.85), (24, 0.7), (48, 0.5), (60, 0.4), (72, 0.3), (72.1, 0.3), (1e300, 0.3),
  ])
  func pointsAreJoinedByLines(hours: Double, weight: Double) throws {
    let curve = try BlendingCurve("0:1,24:0.7,72:0.3")
    #expect(agrees(curve.ctrWeight(ageHours: hours), weight))
  }

  @Test func pointsAreConstantOutside() throws {
    let curve = try BlendingCurve("10:0.25,20:0.75")
    #expect(curve.ctrWeight(ageHours: 0) == 0.25)
    #expect(curve.ctrWeight(ageHours: 10) == 0.25)
    #expect(curve.ctrWeight(ageHours: 15) == 0.5)
    #expect(curve.ctrWeight(ageHours: 20) == 0.75)
    #expect(curve.ctrWeight(ageHours: 21) == 0.75)
    let single = try BlendingCurve("5:0.4")
    #expect([0, 5, 500].map(single.ctrWeight(ageHours:)) == [0.4, 0.4, 0.4])
  }

  @Test func readsTheNames() throws {
    #expect(try BlendingCurve("standard") == .standard)
    #expect(try BlendingCurve("fast") == .fast)
    #expect(try BlendingCurve("slow") == .slow)
  }

  private static let form = "must be standard, fast, slow, or points hours:weight such as 0:1,24:0.7,72:0.3"

  @Test(arguments: [
    ("", form), ("Standard", form), ("quick", form), ("0", form), ("0:", form), (":1", form), ("0:1,", form),
    (",0:1", form), ("0:1,,2:1", form), ("0:1:2", form), ("0:1;2:0", form), (" 0:1", form), ("0:1 ", form),
    ("0: 1", form), ("a:b", form), ("0:1,24:x", form),
    ("-1:1", "hours must be 0 to 87600 (ten years)"), ("87600.5:1", "hours must be 0 to 87600 (ten years)"),
    ("nan:1", "hours must be 0 to 87600 (ten years)"), ("inf:1", "hours must be 0 to 87600 (ten years)"),
    ("0:1.01", "weights must be 0 to 1"), ("0:-0.01", "weights must be 0 to 1"), ("0:nan", "weights must be 0 to 1"),
    ("0:1,0:0.5", "the hours must rise from point to point"),
    ("0:1,5:0.5,4:0.2", "the hours must rise from point to point"),
    ((0...32).map { "\($0):1" }.joined(separator: ","), "a curve has at most 32 points"),
  ])
  func namesWhatIsWrong(text: String, rule: String) throws {
    let error = try #require(throws: BlendingCurveError.self) { try BlendingCurve(text) }
    #expect(error.text == text)
    #expect(error.rule == rule)
    #expect(error.description == "blending_curve is \(text): \(rule)")
  }

  @Test func has32PointsAndTenYears() throws {
    let text = (0...30).map { "\($0):0.5" }.joined(separator: ",") + ",87600:1"
    guard case .points(let points) = try BlendingCurve(text) else {
      Issue.record("\(text) is no list of points")
      return
    }
    #expect(points.count == 32)
    #expect(points.last?.hours == 87_600)
    #expect(points.last?.ctrWeight == 1)
  }

  @Test func readsBackWhatItDescribes() throws {
    for name in ["standard", "fast", "slow"] { #expect(try BlendingCurve(name).description == name) }
    #expect(try BlendingCurve("0:1,24:0.7").description == "0.0:1.0,24.0:0.7")
    var random = RandomStream(seed: 31)
    for _ in 0..<500 {
      var hours = 0.0
      let parts = (0..<Int.random(in: 1...32, using: &random)).map { _ in
        hours += random.logUniform(1e-6, 1_000)
        return "\(hours):\(random.nextUniform())"
      }
      let curve = try BlendingCurve(parts.joined(separator: ","))
      #expect(curve.description == parts.joined(separator: ","))
      #expect(try BlendingCurve(curve.description) == curve)
    }
  }
}
