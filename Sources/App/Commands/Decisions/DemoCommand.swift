import ArgumentParser
import Decisions
import Measurement
import Values

/// `demo`: an account to try the product on, and a first decision on it.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Make an account with a month of made-up figures and decide on it.")

  @Option(help: "The account to make.")
  var account = "demo"
  @Option(help: "The total to split.")
  var budget = Money(micros: 600_000_000)
  @Option(help: "The seed of the figures and of the decision, 0 to 2^53 - 1.")
  var seed: UInt64 = 7
  @OptionGroup var database: DatabaseOption

  func validate() throws {
    try SeedRule.check(seed)
  }

  func run() async throws {
    try await reportingFailures {
      guard let account = AccountID(account) else {
        throw SettingError(name: "--account", value: account, rule: "must be \(AccountID.rule)")
      }
      try await database.withSystem(creates: true) { system in
        try await system.demo.setUp(account, seed: seed)
        var order = DecisionService.Order(account: account, totalBudget: budget)
        order.author = .commandLine
        order.seed = seed
        Console.print(DecisionRendering.text(try await system.decisions.decide(order), .table))
      }
    }
  }
}
