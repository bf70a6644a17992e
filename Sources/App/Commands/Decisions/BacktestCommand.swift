import ArgumentParser
import DecisionEngine
import Decisions
import Formats
import Values

/// `backtest`: what each policy would have proposed on an account's past days.
struct BacktestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backtest", abstract: "Try the policies on an account's own past, day by day, without spending money.",
    discussion: """
      Each day is decided from what was known the evening before: restated days as they were reported then, deals as
      they were. What was spent that day is split again. A proposed unit is assumed to return what a unit of the same ad
      returned that day, by its deals' worth today, as far as the proposal is at most twice what the ad spent.

      ROAS is the return of each 1.00 of the day's total; uplift over actual is how much higher that is than the return
      of the actual budgets; judged is the share of a policy's money that the estimate covers.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case table, json
  }

  @OptionGroup var account: AccountOption
  @Option(help: "The first day, YYYY-MM-DD in the account's calendar.")
  var from: CalendarDay
  @Option(help: "The last day.")
  var to: CalendarDay
  @Option(help: "The seed of every draw, 0 to 2^53 - 1.")
  var seed: UInt64 = 1
  @Option(help: "The output format: table or json.")
  var format = Format.table
  @OptionGroup var database: DatabaseOption

  func validate() throws {
    try SeedRule.check(seed)
  }

  func run() async throws {
    try await reportingFailures {
      try await database.withSystem { system in
        let bar = ProgressBar()
        let length = Int64(max(to.daysSinceEpoch - from.daysSinceEpoch + 1, 1))
        let backtest = try await system.backtests.run(account.account, from: from, to: to, seed: seed) {
          bar.show(Int64($0), of: length, "backtest")
        }
        bar.finish()
        Console.print(format == .json ? BacktestRendering.json(backtest) : BacktestRendering.table(backtest))
      }
    }
  }
}

/// A backtest as a table or as JSON.
enum BacktestRendering {
  static func table(_ backtest: Backtest) -> String {
    var table = Table(
      ["policy", "ROAS", "uplift over actual", "95 % range", "judged"], rightAligned: Set(1...4))
    for row in backtest.rows {
      let isRecord = row.policy == .asSpent
      table.add([
        row.policy.rawValue, FixedDecimal.text(row.returnPerUnit, decimals: 3), isRecord ? "" : percent(row.gain),
        isRecord ? "" : "\(percent(row.gainRange.lowerBound)) to \(percent(row.gainRange.upperBound))",
        FixedDecimal.text(row.coverage * 100, decimals: 0) + " %",
      ])
    }
    return table.text + "\n\n" + limits(backtest)
  }

  /// The limits of the estimate, in words.
  private static func limits(_ backtest: Backtest) -> String {
    let days = backtest.days
    var lines = [
      "\(days.count) days with spend, \(days.first.map { "\($0.day)" } ?? "") to \(days.last.map { "\($0.day)" } ?? "").",
      "Open deals count at the value of their stage: recent days depend on expected revenue, not on actual revenue.",
      "Each ad is assumed to return as much per unit at any budget; larger ones return less, so gains are overestimated.",
      "A policy is judged by single days of a past that it did not shape: what it would have learned is not counted.",
    ]
    for row in backtest.rows where row.coverage < 0.9 {
      lines.append(
        "\(row.policy.rawValue): \(FixedDecimal.text((1 - row.coverage) * 100, decimals: 0)) % of its money would have "
          + "gone where too little was spent to judge it; the figure is about the rest.")
    }
    return lines.joined(separator: "\n")
  }

  private static func percent(_ share: Double) -> String {
    (share > 0 ? "+" : "") + FixedDecimal.text(share * 100, decimals: 1) + " %"
  }

  static func json(_ backtest: Backtest) -> String {
    var json = JSONWriter()
    json.object { json in
      json.key("policies")
      json.array { json in
        for row in backtest.rows {
          json.object { json in
            json.member("policy", row.policy.rawValue)
            json.member("return_per_unit", row.returnPerUnit)
            json.member("gain", row.gain)
            json.member("gain_low", row.gainRange.lowerBound)
            json.member("gain_high", row.gainRange.upperBound)
            json.member("coverage", row.coverage)
          }
        }
      }
      json.key("days")
      json.array { json in for day in backtest.days { write(day, to: &json) } }
    }
    return json.string
  }

  private static func write(_ day: Backtest.Day, to json: inout JSONWriter) {
    json.object { json in
      json.member("date", day.day.description)
      let parts = [("spent", day.spent), ("returned", day.returned)]
      let proposals = day.proposals.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key.rawValue, $0.value) }
      for (name, amounts) in parts + proposals {
        json.key(name)
        json.object { json in
          for (adID, amount) in amounts.sorted(by: { $0.key < $1.key }) {
            json.key(adID.value)
            json.value(amount)
          }
        }
      }
    }
  }
}
