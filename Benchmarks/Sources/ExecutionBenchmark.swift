import ArgumentParser
import ExecutionHistories
import Foundation

/// `benchmarks execution`: random histories of proposals, approvals, edits by people and rollbacks, each write of which is
/// judged by the limits.
struct ExecutionBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "execution", abstract: "Play random histories of changes, judge every write, and print a line of JSON."
  )

  @Option(help: "Histories to play.")
  var histories = 1_000_000
  @Option(help: "The first one's seed.")
  var seed: UInt64 = 0

  private struct Tally: Sendable {
    var (writes, heldBack, proposals) = (0, 0, 0)
    var broken: [String] = []
  }

  func run() async throws {
    let start = ContinuousClock.now
    let lanes = max(1, ProcessInfo.processInfo.activeProcessorCount)
    let tally = await withTaskGroup(of: Tally.self) { group in
      for lane in 0..<lanes { group.addTask { play(lane, of: lanes) } }
      return await group.reduce(into: Tally()) { all, part in
        all.writes += part.writes
        all.heldBack += part.heldBack
        all.proposals += part.proposals
        all.broken += part.broken
      }
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    for text in tally.broken.prefix(20) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
    print(
      """
      {"benchmark":"execution","histories":\(histories),"seconds":\(String(format: "%.1f", seconds)),\
      "proposals":\(tally.proposals),"writes":\(tally.writes),"held_back":\(tally.heldBack),\
      "histories_that_broke_a_limit":\(tally.broken.count)}
      """)
    guard tally.broken.isEmpty else { throw ExitCode(1) }
  }

  private func play(_ lane: Int, of lanes: Int) -> Tally {
    var tally = Tally()
    for number in stride(from: lane, to: histories, by: lanes) {
      let history = RandomHistory.play(seed: seed &+ UInt64(number))
      tally.writes += history.writes
      tally.heldBack += history.heldBack
      tally.proposals += history.proposals
      if let violation = history.violations.first {
        tally.broken.append("seed \(seed &+ UInt64(number)): \(violation)")
      }
    }
    return tally
  }
}
