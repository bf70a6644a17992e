import ArgumentParser
import Decisions

/// `replay`: makes a stored decision again and compares it with what was stored.
struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Make a stored decision again from its inputs and compare it to the bit.")

  @Argument(help: "The decision, as decide printed it.")
  var decisionID: String
  @OptionGroup var database: DatabaseOption

  func run() async throws {
    try await reportingFailures {
      let replay = try await database.withSystem {
        try await $0.decisions.replay(try DecisionArgument.id(decisionID))
      }
      guard replay.isIdentical else {
        Console.error("The replay of \(decisionID) differs from what was stored. It gave:")
        Console.print(replay.result)
        throw ExitCode(1)
      }
      Console.print(
        "Identical to the bit: \(replay.stored.policyVersion), seed \(replay.stored.seed), "
          + "decided at \(replay.stored.decidedAt).")
    }
  }
}
