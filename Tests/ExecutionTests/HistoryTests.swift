import ExecutionHistories
import Testing

@Suite("Limits over random histories")
struct HistoryTests {
  @Test("Of 10,000 random histories none breaks a limit, at whatever magnitude")
  func limits() {
    var (writes, heldBack, proposals) = (0, 0, 0)
    for seed in 0..<UInt64(10_000) {
      let history = RandomHistory.play(seed: seed)
      #expect(history.violations == [], "seed \(seed)")
      writes += history.writes
      heldBack += history.heldBack
      proposals += history.proposals
    }
    // Histories in which nothing happens would keep any limit.
    #expect(writes > 10_000)
    #expect(heldBack > 10_000)
    #expect(proposals > 20_000)
  }
}
