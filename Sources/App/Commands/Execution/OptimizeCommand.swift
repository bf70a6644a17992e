import ArgumentParser
import Decisions
import Platforms
import Values

/// `optimize`: decides, compares with what is live, and proposes the changes.
struct OptimizeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "optimize", abstract: "Decide how the budget is to be split and propose what has to change for it.",
    discussion: """
      Budgets live on ad sets or campaigns, never on ads: what is decided about ads is rolled up to what can be set.
      Nothing is written by this command. What becomes of the proposals is for the account's mode to say (execution show).
      """)

  @OptionGroup var account: AccountOption
  @Option(help: "What the account is to spend a day; else what its live budgets allow.")
  var budget: Money?
  @Option(help: "The seed of every draw, 0 to 2^53 - 1; the same seed gives the same decision.")
  var seed: UInt64?
  @Option(help: "The policy that decides: \(Policy.allCases.map(\.rawValue).joined(separator: " or ")).")
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
