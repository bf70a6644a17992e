import ArgumentParser
import Decisions
import Platforms
import Values

/// `optimize`: decides, compares with the live state, and proposes changes.
struct OptimizeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "optimize", abstract: "Decide how to split the budget and propose the changes that requires.",
    discussion: """
      Budgets are on ad sets or campaigns, never on ads: decisions about ads are rolled up to budgets that can be set.
      This command writes nothing at Meta. The account's mode determines what happens to the proposals (execution show).
      """)

  @OptionGroup var account: AccountOption
  @Option(help: "What the account should spend per day; by default what its live budgets allow.")
  var budget: Money?
  @Option(help: "The seed of every draw, 0 to 2^53 - 1; the same seed gives the same decision.")
  var seed: UInt64?
  @Option(help: "The policy to use: \(Policy.allCases.map(\.rawValue).joined(separator: " or ")).")
  var policy = Policy.lagAware
  @OptionGroup var database: DatabaseOption

  func validate() throws {
    if let seed { try SeedRule.check(seed) }
  }

  func run() async throws {
    try await database.run { system in
      var order = OptimizationService.Order(account: account.account)
      order.author = .commandLine
      order.totalBudget = budget
      order.seed = seed
      order.policy = policy
      let outcome = try await system.optimization.optimize(order)
      Console.print(OptimizationService.report(outcome))
      guard let proposed = outcome.batch else { return }
      Console.print(ChangeTable.text(proposed.changes, proposed.currency))
      if !proposed.batch.refusals.isEmpty {
        var table = Table(["not proposed", "why"])
        for refusal in proposed.batch.refusals { table.add([refusal.object, refusal.text]) }
        Console.print(table.text)
      }
      if !proposed.batch.note.isEmpty { Console.print("Note: \(proposed.batch.note).") }
    }
  }
}
