import DecisionEngine
import Testing
import Values

@testable import Simulator

@Suite struct SimulationTests {
  @Test func theSameSeedGivesTheSameOutcomes() throws {
    let world = shortWorld(.base)
    let outcomes = try Simulation.run(world: world, seed: 9, policies: PolicyName.allCases)
    #expect(outcomes == (try Simulation.run(world: world, seed: 9, policies: PolicyName.allCases)))
    #expect(outcomes.map(\.contestant) == [.clairvoyant] + PolicyName.allCases.map { .policy($0) })
    #expect(outcomes != (try Simulation.run(world: world, seed: 10, policies: PolicyName.allCases)))
  }

  @Test func aPolicysOutcomeDoesNotHangOnTheOthers() throws {
    let world = shortWorld(.base)
    let alone = try Simulation.run(world: world, seed: 9, policies: [.topTwoThompson])
    let together = try Simulation.run(world: world, seed: 9, policies: [.ucb1, .evenSplit, .topTwoThompson])
    #expect(alone.last == together.last)
  }

  @Test(arguments: WorldName.allCases)
  func theClairvoyantIsTheYardstick(name: WorldName) throws {
    let outcomes = try Simulation.run(world: shortWorld(name), seed: 3, policies: [.evenSplit, .battleHardened])
    let clairvoyant = try #require(outcomes.first)
    #expect(clairvoyant.share == 1)
    #expect(clairvoyant.falseKills == 0)
    #expect(clairvoyant.weeklyShares == Array(repeating: 1, count: 20))
    #expect(clairvoyant.readyDay == 7)
    for outcome in outcomes.dropFirst() {
      #expect((0.1..<1).contains(outcome.share))
      #expect((0...1).contains(outcome.waste))
      #expect(outcome.waste > clairvoyant.waste)
      #expect((0...1).contains(outcome.falseKills))
      #expect(outcome.weeklyShares.count == 20)
    }
  }

  @Test func anEvenSplitKillsNothing() throws {
    let outcome = try #require(Simulation.run(world: shortWorld(.base), seed: 3, policies: [.evenSplit]).last)
    #expect(outcome.falseKills == 0)
  }

  @Test func anImpossibleWorldIsRefused() {
    var world = WorldParameters()
    world.days = 0
    #expect(throws: SimulationError.self) { try Simulation.run(world: world, seed: 1, policies: []) }
  }
}
