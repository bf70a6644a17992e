import DecisionEngine
import Testing
import Values

@Suite struct StageValuesTests {
  private static func stage(
    _ name: String, _ value: Int64 = 1, confidence: Double = 0.5, kind: DealStage.Kind = .open
  ) -> DealStage {
    DealStage(name: name, value: Money(micros: value), confidence: confidence, kind: kind)
  }

  @Test func theReferenceIsExact() throws {
    let expected: [(String, String, Double, DealStage.Kind)] = [
      ("lead", "0", 0.10, .open), ("appointment_scheduled", "2250", 0.60, .open), ("show_up", "9000", 0.85, .open),
      ("closed_won", "15000", 1, .won), ("closed_lost", "0", 1, .lost),
    ]
    let stages = StageValues.reference.stages
    #expect(stages.count == expected.count)
    for (stage, (name, value, confidence, kind)) in zip(stages, expected) {
      #expect(
        stage == DealStage(name: name, value: try #require(Money(decimal: value)), confidence: confidence, kind: kind))
    }
    #expect(try StageValues(stages) == .reference)
  }

  @Test(arguments: [
    "closed_won", "Closed Won", "closedwon", "CLOSED-WON", " closed  won ", "closed.won", "closedWon",
    "c_l_o_s_e_d_won",
  ])
  func findsAStageHoweverItIsWritten(name: String) {
    #expect(StageValues.reference.stage(named: name)?.name == "closed_won")
  }

  @Test(arguments: ["", "_", "closed", "won_closed", "closed_won_2", "closed wonn", "lead1", "вlead", "🎬"])
  func findsNothingElse(name: String) {
    #expect(StageValues.reference.stage(named: name) == nil)
  }

  @Test func findsNamesOfOtherScripts() throws {
    let stages = try StageValues([Self.stage("Gespräch geführt"), Self.stage("商談 1", 2), Self.stage("商談 2", 3)])
    #expect(stages.stage(named: "GESPRÄCH_GEFÜHRT")?.value.micros == 1)
    #expect(stages.stage(named: "商談2")?.value.micros == 3)
    #expect(stages.stage(named: "商談") == nil)
  }

  @Test(arguments: [("Lead", "lead"), ("show up", "show_up"), ("a", "A-"), ("x", "x")])
  func namesMustDiffer(first: String, second: String) throws {
    let error = try #require(throws: StageValuesError.self) {
      try StageValues([Self.stage(first), Self.stage("between"), Self.stage(second)])
    }
    #expect(error.stage == second)
    #expect(error.field == "name")
    #expect(error.rule == "must differ from every other stage's name")
  }

  @Test(arguments: ["", "_", " - ", "🎬", String(repeating: "a", count: 65), String(repeating: "é", count: 33)])
  func aNameHasLettersAndAtMost64Bytes(name: String) throws {
    let error = try #require(throws: StageValuesError.self) { try StageValues([Self.stage(name)]) }
    #expect(error.stage == name)
    #expect(error.field == "name")
    #expect(error.value == name)
    #expect(error.rule == "must have 1 to 64 bytes and a letter or digit")
  }

  @Test func namesMayHave64Bytes() throws {
    #expect(try StageValues([Self.stage(String(repeating: "a", count: 64))]).stages.count == 1)
    #expect(try StageValues([Self.stage("7")]).stage(named: "7") != nil)
  }

  @Test func valuesAreNeverNegative() throws {
    let error = try #require(throws: StageValuesError.self) {
      try StageValues([Self.stage("a", 0), Self.stage("b", -1)])
    }
    #expect(error.stage == "b")
    #expect(error.field == "value")
    #expect(error.description == "stage b: value is -0.000001, must be 0 or more")
  }

  @Test(arguments: [-0.01, 1.01, Double.nan, .infinity, -.infinity])
  func confidencesAreShares(confidence: Double) throws {
    let error = try #require(throws: StageValuesError.self) {
      try StageValues([
        Self.stage("a", confidence: 0), Self.stage("b", confidence: 1), Self.stage("c", confidence: confidence),
      ])
    }
    #expect(error.stage == "c")
    #expect(error.field == "confidence")
    #expect(error.value == "\(confidence)")
    #expect(error.rule == "must be 0 to 1")
  }

  @Test func thereAre1To64Stages() throws {
    func stages(_ count: Int) -> [DealStage] { (0..<count).map { Self.stage("s\($0)") } }
    #expect(try StageValues(stages(1)).stages.count == 1)
    #expect(try StageValues(stages(64)).stages.count == 64)
    for count in [0, 65] {
      let error = try #require(throws: StageValuesError.self) { try StageValues(stages(count)) }
      #expect(error.field == "stages")
      #expect(error.value == "\(count)")
      #expect(error.rule == "must be 1 to 64 stages")
    }
  }
}
