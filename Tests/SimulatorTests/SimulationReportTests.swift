import TestKit
import Testing
import Values

@testable import DecisionEngine
@testable import Simulator

@Suite struct SimulationReportTests {
  private func outcome(
    _ contestant: Contestant, seed: UInt64, share: Double, waste: Double = 0, ready: Int? = nil
  ) -> SimulationOutcome {
    SimulationOutcome(
      contestant: contestant, seed: seed, share: share, waste: waste, falseKills: 0, weeklyShares: [share, share / 2],
      readyDay: ready)
  }

  @Test func anEstimateIsAMeanWithItsInterval() throws {
    let estimate = try #require(Estimate([1, 2, 3, 4]))
    #expect(estimate.mean == 2.5)
    // The variance is 5 / 3, so the standard error is the root of 5 / 12.
    #expect(agrees(try #require(estimate.margin), 1.96 * 0.6454972243679028))
    #expect(try #require(Estimate([7, 7, 7])).margin == 0)
    #expect(try #require(Estimate([7])).margin == nil)
    #expect(Estimate([]) == nil)
  }

  @Test func differencesAreTakenSeedBySeed() throws {
    let report = try #require(
      SimulationReport([
        [
          outcome(.policy(.lagAware), seed: 1, share: 0.9), outcome(.policy(.battleHardened), seed: 1, share: 0.6),
          outcome(.policy(.evenSplit), seed: 1, share: 0.3),
        ],
        [
          outcome(.policy(.lagAware), seed: 2, share: 0.7), outcome(.policy(.battleHardened), seed: 2, share: 0.4),
          outcome(.policy(.evenSplit), seed: 2, share: 0.5),
        ],
      ]))
    #expect(report.seeds == [1, 2])
    let (lagAware, reference, even) = (report.rows[0], report.rows[1], report.rows[2])
    #expect(agrees(lagAware.share.mean, 0.8))
    #expect(agrees(try #require(lagAware.share.margin), 1.96 * 0.1))
    let difference = try #require(lagAware.difference)
    #expect(agrees(difference.mean, 0.3))
    #expect(agrees(try #require(difference.margin), 0), "it is the same on both seeds")
    let gain = try #require(lagAware.gain)
    #expect(agrees(gain.mean, (0.5 + 0.75) / 2))
    #expect(agrees(try #require(gain.margin), 1.96 * 0.125))
    #expect(lagAware.lagAwareLead == nil)
    #expect(reference.difference == nil)
    #expect(reference.gain == nil)
    #expect(agrees(try #require(reference.lagAwareLead).mean, 0.3))
    let lead = try #require(even.lagAwareLead)
    #expect(agrees(lead.mean, 0.4))
    #expect(agrees(try #require(lead.margin), 1.96 * 0.2))
    #expect(agrees(even.weeklyShares[0], 0.4))
    #expect(agrees(even.weeklyShares[1], 0.2))
  }

  @Test func withoutTheOthersThereIsNothingToCompareWith() throws {
    let report = try #require(SimulationReport([[outcome(.policy(.ucb1), seed: 1, share: 0.5, waste: 0.25)]]))
    let row = try #require(report.rows.first)
    #expect(row.difference == nil && row.gain == nil && row.lagAwareLead == nil)
    #expect(row.share.margin == nil)
    #expect(row.waste.mean == 0.25)
  }

  @Test(
    arguments: [
      ([3], 3), ([nil], nil), ([5, 3], 3), ([nil, 3], 3), ([nil, 3, nil], nil), ([9, 3, nil], 9),
      ([9, nil, 3, nil], 9),
    ] as [([Int?], Int?)])
  func readyByTheDayThatHalfTheSeedsWere(days: [Int?], median: Int?) throws {
    let runs = days.enumerated().map { [outcome(.clairvoyant, seed: UInt64($0), share: 1, ready: $1)] }
    #expect(try #require(SimulationReport(runs)?.rows.first).medianReadyDay == median)
  }

  @Test func runsMustHaveTheSameContestants() {
    #expect(SimulationReport([]) == nil)
    #expect(SimulationReport([[]]) == nil)
    let runs = [
      [outcome(.clairvoyant, seed: 1, share: 1)], [outcome(.policy(.ucb1), seed: 2, share: 1)],
    ]
    #expect(SimulationReport(runs) == nil)
  }
}
