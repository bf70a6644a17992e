import App
import AppTestKit
import DecisionEngine
import Storage
import Testing
import Values

@testable import Measurement

/// Totals that move with each import are what all days sum to.
struct AdTotalsTests {
  private static let header = "ad_id,date,impressions,clicks,spend,pipeline,cash\n"

  /// Some rows of few ads and days, in any order; most of their days are stated again and again.
  private static func rows(_ random: inout RandomStream) -> [String] {
    (0..<Int.random(in: 1...40, using: &random)).map { _ in
      let shown = Int.random(in: 0...3, using: &random) * 50
      let spend =
        shown == 0 && Bool.random(using: &random) ? "0" : "\(shown).\(Int.random(in: 10...99, using: &random))"
      let worth = (0..<2).map { _ in Bool.random(using: &random) ? "" : "\(Int.random(in: 0...9, using: &random)).05" }
      return "ad\(Int.random(in: 1...5, using: &random)),2026-05-\(Int.random(in: 10...29, using: &random)),\(shown),"
        + "\(shown / 50),\(spend),\(worth[0]),\(worth[1])\n"
    }
  }

  @Test(
    "After any imports, restated and summed days among them, an ad's totals are the sums of its days", arguments: 1...15
  )
  func sums(_ seed: UInt64) async throws {
    var random = RandomStream(seed: seed)
    let test = try await TestSystem(at: .december2026)
    let account = test.account
    for _ in 0..<5 {
      let text = Self.header + Self.rows(&random).joined()
      let addsUp = Bool.random(using: &random)
      try await test.importText(text, as: .adsCSV) { options in
        options.mapping = try ColumnMapping(["pipeline_value=pipeline,cash_revenue=cash"])
        options.skipsBadRows = true
        options.sumsBreakdowns = addsUp
      }
      let kept = try await test.dump()["ad_states"]
      try await test.system.database.write { transaction in
        let repository = AdStateRepository()
        let ads = try repository.getAll(of: account, in: transaction).map(\.adID)
        try repository.sumDays(of: ads, account: account, in: transaction)
      }
      #expect(try await test.dump()["ad_states"] == kept)
    }
  }

  @Test("A day that delivered nothing after all takes the ad's last delivery back to the one before")
  func lastDelivery() async throws {
    let test = try await TestSystem(at: .december2026)
    let header = "ad_id,date,impressions,clicks,spend\n"
    try await test.importText(header + "1,2026-05-01,10,1,1\n1,2026-05-02,10,1,1\n", as: .adsCSV)
    try await test.importText(header + "1,2026-05-02,0,0,0\n", as: .adsCSV)
    let ad = try await test.system.database.read { [account = test.account] transaction in
      try AdStateRepository().getAll(of: account, in: transaction).first
    }
    #expect(ad?.lastDelivery == CalendarDay("2026-05-01"))
    #expect(ad?.lastDay == CalendarDay("2026-05-02"))
    #expect(ad?.impressions == 10)
  }
}
