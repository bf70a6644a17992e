import ArgumentParser
import DecisionEngine
import Decisions
import Formats
import Values

/// `decide`: splits a budget over an account's ads and stores the decision.
struct DecideCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decide", abstract: "Split a daily budget over an account's running ads, with reasons.",
    discussion: """
      verdict says how an ad's budget changes: scale_up, hold (by at most 1 % or one minor unit),
      scale_down, or stop (the ad is judged kill and gets the least it may have). judgement compares the ad
      with the account's thresholds: kill, scale or maintain. marginal ROAS is the revenue that 1.00 more a day
      should bring back. The budgets never sum to more than --budget; where the daily change limit would give the ads
      more, the ads judged kill are cut below it first, and the binding constraint is total_budget.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case table, json, csv
  }

  @OptionGroup var account: AccountOption
  @Option(help: "The total to split, in the account's currency.")
  var budget: Money
  @Option(help: "Decide as of the end of this day, YYYY-MM-DD in the account's calendar; by default as of now.")
  var date: CalendarDay?
  @Option(help: "The seed of every draw, 0 to 2^53 - 1; the same seed gives the same decision.")
  var seed: UInt64?
  @Option(help: "The policy to use: \(Policy.allCases.map(\.rawValue).joined(separator: " or ")).")
  var policy = Policy.lagAware
  @Flag(name: .customLong("no-change-limit"), help: "Lift the account's limit on daily changes.")
  var noChangeLimit = false
  @Option(help: "The output format: table, json or csv.")
  var format = Format.table
  @OptionGroup var database: DatabaseOption

  func validate() throws {
    if let seed { try SeedRule.check(seed) }
  }

  func run() async throws {
    try await reportingFailures {
      var order = DecisionService.Order(account: account.account, totalBudget: budget)
      order.author = .commandLine
      order.day = date
      order.seed = seed
      order.policy = policy
      order.limitsChange = !noChangeLimit
      let decided = try await database.withSystem { [order] in try await $0.decisions.decide(order) }
      Console.print(DecisionRendering.text(decided, format), ifLost: "decision \(decided.id) is stored")
      if format == .csv {
        // Standard output gets only the rows.
        if let basis = decided.basis { Console.error(DecisionRendering.text(basis)) }
        if let note = DecisionRendering.note(on: decided) { Console.error("Note: \(note).") }
      }
    }
  }
}
