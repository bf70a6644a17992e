import Accounts
import ArgumentParser
import Values
import Web

extension AccountsCommand {
  struct Limit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Set how many API requests an account may send to each server process, and how much it may store.",
      discussion:
        "Limits that are not named stay as they are; without any, the limits and the names of the quotas are shown.")

    @OptionGroup var account: AccountOption
    @Option(help: "Sustained requests per minute, 1 to \(RequestRate.range.upperBound).")
    var requestsPerMinute: Int?
    @Option(help: "Requests in a burst after a pause, 1 to \(RequestRate.range.upperBound).")
    var burst: Int?
    @Option(
      help: ArgumentHelp(
        "How much the account may store, 1 to \(Quota.range.upperBound), or none for no limit.",
        discussion: "Repeatable.", valueName: "quota=limit"))
    var quota: [QuotaLimit] = []
    @Option(help: "Days for which complete decisions are kept, 1 to \(DecisionRetention.dayRange.upperBound).")
    var decisionRetentionDays: Int?
    @Option(
      help: "How many of the latest complete decisions are kept, 1 to \(DecisionRetention.countRange.upperBound).")
    var decisionRetentionCount: Int?
    @OptionGroup var database: DatabaseOption

    /// A quota as an argument: its name, and a number or `none`.
    struct QuotaLimit: ExpressibleByArgument {
      let name: String
      let limit: Int?

      init?(argument: String) {
        let sides = argument.split(separator: "=", omittingEmptySubsequences: false)
        guard sides.count == 2 else { return nil }
        name = String(sides[0])
        limit = Int(sides[1])
        guard limit.map(Quota.range.contains) ?? (sides[1] == "none") else { return nil }
      }
    }

    func validate() throws {
      guard [requestsPerMinute, burst].allSatisfy({ $0.map(RequestRate.range.contains) ?? true }) else {
        throw ValidationError("--requests-per-minute and --burst must be 1 to \(RequestRate.range.upperBound)")
      }
      guard decisionRetentionDays.map(DecisionRetention.dayRange.contains) ?? true else {
        throw ValidationError("--decision-retention-days must be 1 to \(DecisionRetention.dayRange.upperBound)")
      }
      guard decisionRetentionCount.map(DecisionRetention.countRange.contains) ?? true else {
        throw ValidationError("--decision-retention-count must be 1 to \(DecisionRetention.countRange.upperBound)")
      }
    }

    func run() async throws {
      try await database.run { system in
        let (account, lifecycle) = (account.account, system.lifecycle)
        let limits = try quota.map { (quota: try Self.quota($0, among: lifecycle.quotas), limit: $0.limit) }
        if requestsPerMinute != nil || burst != nil {
          let before = try await lifecycle.usage(of: account).rate
          try await lifecycle.setRate(
            RequestRate(perMinute: requestsPerMinute ?? before.perMinute, burst: burst ?? before.burst), of: account,
            by: .commandLine)
        }
        try await lifecycle.setQuotas(of: account, by: .commandLine) { changed in
          for (quota, limit) in limits { changed[quota] = limit }
        }
        if decisionRetentionDays != nil || decisionRetentionCount != nil {
          let before = try await lifecycle.usage(of: account).decisionRetention
          try await lifecycle.setDecisionRetention(
            DecisionRetention(
              days: decisionRetentionDays ?? before.days, count: decisionRetentionCount ?? before.count),
            of: account, by: .commandLine)
        }
        show(try await lifecycle.usage(of: account))
      }
    }

    private func show(_ usage: AccountUsage) {
      Console.print(
        "Account \(account.account) may send \(usage.rate.perMinute) requests a minute, \(usage.rate.burst) in a burst."
      )
      let retention = usage.decisionRetention
      Console.print("Complete decisions are kept for \(retention.days) days, at most the latest \(retention.count).")
      var table = Table(["quota", "limit", "used"], rightAligned: [1, 2])
      for usage in usage.quotas {
        table.add([usage.quota.name, usage.limit.map { "\($0)" } ?? "none", "\(usage.used)"])
      }
      Console.print(table.text)
    }

    private static func quota(_ given: QuotaLimit, among quotas: [Quota]) throws -> Quota {
      guard let quota = quotas.first(where: { $0.name == given.name }) else {
        let names = quotas.map(\.name).joined(separator: ", ")
        throw SettingError(name: "--quota", value: given.name, rule: "must be one of \(names)")
      }
      return quota
    }

    /// The quotas that are set, in a few words.
    static func text(_ quotas: AccountQuotas) -> String {
      quotas.limits.sorted { $0.key < $1.key }
        .map { "\($0.value) \($0.key.replacing("_", with: " "))" }.joined(separator: ", ")
    }
  }
}
