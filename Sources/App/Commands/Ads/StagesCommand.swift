import Accounts
import ArgumentParser
import DecisionEngine
import Formats
import Measurement
import Values

/// `stages`: what an account's own history shows about its pipeline, beside the configuration.
struct StagesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stages", abstract: "Show the worth of deals in each stage, by the account's own history.",
    discussion: """
      Decisions use the learned values. `config set --account A stage_values=configured` makes them use the
      configured ones. Synthetic revenue and pipeline ROAS use the configured values; `--adopt` makes the learned ones
      the configured ones, as a new version of the configuration, and revalues every deal.
      """)

  @OptionGroup var account: AccountOption
  @Flag(help: "Make the learned values the configured ones.")
  var adopt = false
  @OptionGroup var database: DatabaseOption

  func run() async throws {
    try await database.run { system in
      var configuration = try await system.accounts.configuration(of: account.account)
      let funnel = try await system.ads.learnedFunnel(of: account.account, configuration: configuration)
      guard let funnel else {
        throw SettingError(
          name: "stages", value: "\(account.account)", rule: "the account needs an open stage and a won one")
      }
      if adopt {
        let adopted = try configuration.stages.adopting(funnel)
        configuration = try await system.accounts.update(account.account, figures: system.ads, by: .commandLine) {
          $0.stages = adopted
        }
        Console.print("The learned values are the configured ones, as version \(configuration.version).")
      }
      Console.print(Self.text(funnel, configuration))
    }
  }

  private static func text(_ funnel: LearnedFunnel, _ configuration: AccountConfiguration) -> String {
    var table = Table(
      [
        "stage", "configured value", "learned value", "90 % range", "goes on", "90 % range", "median days",
        "nine of ten within", "ended", "waiting",
      ], rightAligned: Set(1...9))
    for stage in funnel.stages {
      table.add([
        stage.name, decimal(stage.configuredValue), decimal(stage.value.value),
        "\(decimal(stage.value.low)) to \(decimal(stage.value.high))",
        stage.success.map { percent($0.value) } ?? "",
        stage.success.map { "\(percent($0.low)) to \(percent($0.high))" } ?? "",
        stage.medianDays.map { decimal($0, 1) } ?? "", stage.ninetiethDays.map { decimal($0, 1) } ?? "",
        "\(stage.endedDeals)", "\(stage.waitingDeals)",
      ])
    }
    return table.text
      + "\n\nAmounts in \(configuration.currency). Decisions use the \(configuration.stageValues.rawValue) values."
  }

  private static func decimal(_ value: Double, _ decimals: Int = 2) -> String {
    FixedDecimal.text(value, decimals: decimals)
  }

  private static func percent(_ value: Double) -> String { FixedDecimal.text(value * 100, decimals: 1) + " %" }
}

extension StageValues {
  /// The same stages with the values learned from the account's history, rounded to hundredths. Throws a
  /// `StageValuesError`.
  fileprivate func adopting(_ funnel: LearnedFunnel) throws -> StageValues {
    let learned = Dictionary(funnel.stages.map { ($0.name, $0.value.value) }, uniquingKeysWith: { first, _ in first })
    return try StageValues(
      stages.map { stage in
        guard let value = learned[stage.name], let money = Money(rounding: (value * 100).rounded() / 100) else {
          return stage
        }
        return DealStage(name: stage.name, value: money, confidence: stage.confidence, kind: stage.kind)
      })
  }
}
