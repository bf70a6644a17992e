import ArgumentParser
import DecisionEngine
import Formats
import Foundation
import Simulator
import Values

/// `policy`: drives a policy from outside, with one line of JSON in and out for each day.
struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "Drive a policy from outside: a day's observations in, a day's budgets out.",
    discussion: """
      Reads one line of JSON for each day from standard input and answers each with a line on standard output:

        {"now":"2026-01-05T00:00:00Z","total_budget":600,
         "ads":[{"ad_id":"a1","launched_at":"2026-01-01T00:00:00Z","active":true}],
         "metrics":[{"ad_id":"a1","date":"2026-01-04","spend":75.0,"impressions":3400,"clicks":30,"leads":2}],
         "deals":[{"deal_id":"d1","ad_id":"a1","stage":"lead","occurred_at":"2026-01-04T10:00:00Z","amount":null}]}
        {"now":"2026-01-05T00:00:00Z","budgets":{"a1":600}}

      Metrics and deals are those since the last line; a day that is reported again replaces itself. The stage lost
      ends a deal; the last stage's amount is the revenue. An invalid line is answered with an error, and ends
      the command with status 2.
      """)

  @Option(help: "The policy.")
  var name = PolicyName.lagAware
  @Option(help: "A file with the stages in their order: a JSON list of {\"name\", \"value\"}.")
  var stages: String
  @Option(help: "A file or named pipe to read from instead of standard input.")
  var input: String?
  @Option(help: "The seed of every draw, 0 to 2^53 - 1.")
  var seed: UInt64 = 1
  @Flag(name: .customLong("no-change-limit"), help: "Let budgets change by more than 50 % a day.")
  var noChangeLimit = false
  @Option(help: "The currency of every amount; it determines the smallest unit of a budget.")
  var currency = Currency.usd

  func validate() throws {
    try SeedRule.check(seed)
  }

  func run() throws {
    var number = 0
    do {
      var policy = try PolicyLines(
        name, stages: try contents(of: stages), currency: currency, seed: seed,
        maximumDailyChange: noChangeLimit ? nil : 0.5)
      var lines = LineInput(try source())
      while true {
        number += 1
        guard let line = try lines.next() else { return }
        guard line.contains(where: { $0 > 0x20 }) else { continue }
        Console.print(try policy.answer(line))
      }
    } catch {
      var error = error
      error.line = number
      Console.print(error.json)
      Console.error(error.description)
      throw ExitCode(2)
    }
  }

  private func source() throws(PolicyLineError) -> FileHandle {
    guard let input else { return .standardInput }
    guard let handle = FileHandle(forReadingAtPath: input) else {
      throw PolicyLineError(line: 0, field: "--input", value: input, rule: "must be a file that can be read")
    }
    return handle
  }

  private func contents(of path: String) throws(PolicyLineError) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw PolicyLineError(line: 0, field: "--stages", value: path, rule: "must be a file that can be read")
    }
    return [UInt8](data)
  }
}

/// A policy with the budgets it has set, day after day.
struct PolicySession {
  private var policy: any BudgetPolicy
  private let currency: Currency
  private var last: Instant?
  /// What became known on days without active ads: policies accept no such day, and callers report everything only
  /// once.
  private var untold: (metrics: [AdDay], deals: [DealEvent]) = ([], [])

  init(policy: any BudgetPolicy, currency: Currency) {
    self.policy = policy
    self.currency = currency
  }

  /// Answers a day with a line of JSON. Throws where time runs backwards or the policy refuses the day.
  mutating func answer(_ day: PolicyDay) throws(PolicyLineError) -> String {
    if let last, day.now <= last {
      throw PolicyLineError(
        line: 0, field: "now", value: "\(day.now)", rule: "must be later than the last line's \(last)")
    }
    last = day.now
    return line(day, try budgets(on: day))
  }

  private mutating func budgets(on day: PolicyDay) throws(PolicyLineError) -> [AdID: Int64] {
    untold.metrics += day.metrics
    untold.deals += day.deals
    guard day.ads.contains(where: \.isActive) else { return [:] }
    var day = day
    (day.metrics, day.deals) = untold
    untold = ([], [])
    do {
      return try policy.budgets(on: day)
    } catch {
      throw refusal(error, day)
    }
  }

  private func line(_ day: PolicyDay, _ budgets: [AdID: Int64]) -> String {
    var json = JSONWriter(reservingCapacity: 64 + 40 * budgets.count)
    json.object { json in
      json.member("now", day.now.description)
      json.key("budgets")
      json.object { json in
        for (adID, budget) in budgets.sorted(by: { $0.key < $1.key }) {
          json.key(adID.value)
          json.value(Double(budget) / Double(currency.minorUnitsPerMajor))
        }
      }
    }
    return json.string
  }

  private func refusal(_ error: SelectionError, _ day: PolicyDay) -> PolicyLineError {
    let unit = Double(currency.minorUnitsPerMajor)
    let total = FixedDecimal.text(Double(day.totalBudget) / unit, decimals: currency.decimals)
    switch error {
    case .minimumBudgetsExceedTotal(let required, _):
      let least = FixedDecimal.text(Double(required) / unit, decimals: currency.decimals)
      return PolicyLineError(
        line: 0, field: "total_budget", value: total, rule: "must be \(least) or more: each active ad needs a minimum")
    case .totalOutOfRange:
      return PolicyLineError(line: 0, field: "total_budget", value: total, rule: "is too large to split")
    case .noAds, .duplicateAd, .dnaScoreOutOfRange, .dnaScoreWithoutAd:
      return PolicyLineError(line: 0, field: "ads", value: "\(error)", rule: "cannot be decided on")
    }
  }
}
