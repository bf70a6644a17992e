import DecisionEngine
import Testing
import Values

@Suite struct SyntheticRevenueTests {
  private static func stage(_ name: String) throws -> DealStage {
    try #require(StageValues.reference.stage(named: name))
  }

  private static func money(_ text: String) throws -> Money {
    try #require(Money(decimal: text))
  }

  /// The stage left, the one entered, the deal's amount and the worth of the move.
  @Test(
    arguments: [
      (nil, "lead", nil, "0"), (nil, "appointment_scheduled", nil, "2250"),
      ("lead", "appointment_scheduled", nil, "2250"),
      ("appointment_scheduled", "show_up", nil, "6750"), ("show_up", "closed_won", nil, "6000"),
      ("show_up", "closed_lost", nil, "-9000"), ("show_up", "appointment_scheduled", nil, "-6750"),
      ("show_up", "show_up", nil, "0"), ("show_up", "closed_won", "20000", "11000"),
      ("show_up", "closed_won", "1234.56", "-7765.44"), ("show_up", "closed_won", "0", "-9000"),
      ("lead", "show_up", "20000", "9000"), ("show_up", "closed_lost", "20000", "-9000"),
      ("closed_won", "closed_lost", "20000", "-20000"), ("closed_won", "closed_won", "20000", "0"),
      (nil, "closed_won", "0.01", "0.01"),
    ] as [(String?, String, String?, String)])
  func aMoveIsWorthTheDifference(from: String?, to: String, amount: String?, worth: String) throws {
    let move = SyntheticRevenue(
      from: try from.map { try Self.stage($0) }, to: try Self.stage(to), amount: try amount.map { try Self.money($0) })
    #expect(move.value == (try Self.money(worth)))
    #expect(move.value.micros == move.valueAfter.micros - move.valueBefore.micros)
    #expect(move.from?.name == from)
    #expect(move.to.name == to)
  }

  @Test func confidenceIsThatOfTheStageEntered() throws {
    for stage in StageValues.reference.stages {
      let move = SyntheticRevenue(from: try Self.stage("show_up"), to: stage, amount: nil)
      #expect(move.confidence == stage.confidence)
    }
  }

  @Test func onlyAWonDealIsCash() throws {
    let amount = try Self.money("123.45")
    for stage in StageValues.reference.stages {
      let won = stage.name == "closed_won"
      #expect(SyntheticRevenue.cash(of: stage, amount: amount) == (won ? amount : .zero))
      #expect(SyntheticRevenue.cash(of: stage, amount: nil) == (won ? stage.value : .zero))
      #expect(SyntheticRevenue.value(of: stage, amount: amount) == (won ? amount : stage.value))
      #expect(SyntheticRevenue.value(of: stage, amount: nil) == stage.value)
    }
  }

  /// Whatever way a deal takes through whatever pipeline, its moves sum to the value of the stage it stands in.
  @Test func theMovesOfADealSumToItsLastStage() throws {
    var random = RandomStream(seed: 41)
    for _ in 0..<2_000 {
      let stages = try StageValues(
        (0..<Int.random(in: 1...64, using: &random)).map { index in
          DealStage(
            name: "stage \(index)", value: Money(micros: Int64.random(in: 0...1_000_000_000_000_000, using: &random)),
            confidence: random.nextUniform(), kind: random.pick(DealStage.Kind.allCases))
        })
      let amount = random.pick([nil, Money(micros: Int64.random(in: 0...1_000_000_000_000_000, using: &random))])
      var (sum, cash): (Int64, Int64) = (0, 0)
      var last: DealStage?
      for _ in 0..<Int.random(in: 1...30, using: &random) {
        let next = random.pick(stages.stages)
        let move = SyntheticRevenue(from: last, to: next, amount: amount)
        sum += move.value.micros
        cash += SyntheticRevenue.cash(of: next, amount: amount).micros
        cash -= last.map { SyntheticRevenue.cash(of: $0, amount: amount).micros } ?? 0
        last = next
      }
      let stage = try #require(last)
      let worth = stage.kind == .won ? amount ?? stage.value : stage.value
      guard sum == worth.micros, cash == (stage.kind == .won ? worth.micros : 0) else {
        Issue.record("\(sum) and \(cash) in \(stage), amount \(String(describing: amount))")
        return
      }
    }
  }
}
