import Accounts
import ArgumentParser
import Values

extension AccountsCommand {
  struct Limit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Set how many API requests an account may send to each server process, and how much it may keep.",
      discussion: "What is not named stays as it is; without any, the limits are shown.")

    @OptionGroup var account: AccountOption
    @Option(help: "Requests a minute in the long run, 1 to \(RequestRate.range.upperBound).")
    var requestsPerMinute: Int?
    @Option(help: "Requests at once after a pause, 1 to \(RequestRate.range.upperBound).")
    var burst: Int?
    @Option(help: "Decisions that are kept, 1 to \(AccountQuotas.range.upperBound), or none for no limit.")
    var decisions: Quota?
    @Option(help: "Ads that have figures, likewise.")
    var ads: Quota?
    @Option(help: "Jobs that wait, likewise.")
    var waitingJobs: Quota?
    @Option(help: "Days for which decisions are kept whole, 1 to \(DecisionRetention.dayRange.upperBound).")
    var decisionRetentionDays: Int?
    @Option(help: "How many of the latest decisions are kept whole, 1 to \(DecisionRetention.countRange.upperBound).")
    var decisionRetentionCount: Int?
    @OptionGroup var database: DatabaseOption

    /// A quota as it is written: a number, or `none`.
    struct Quota: ExpressibleByArgument {
      let limit: Int?

      init?(argument: String) {
        limit = Int(argument)
        guard limit.map(AccountQuotas.range.contains) ?? (argument == "none") else { return nil }
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
        if requestsPerMinute != nil || burst != nil {
          let before = try await lifecycle.usage(of: account).rate
          try await lifecycle.setRate(
            RequestRate(perMinute: requestsPerMinute ?? before.perMinute, burst: burst ?? before.burst), of: account,
            by: .commandLine)
        }
        let quotas: [(AccountQuotas.Resource, Quota?)] = [
          (.decisions, decisions), (.ads, ads), (.waitingJobs, waitingJobs),
        ]
        try await lifecycle.setQuotas(of: account, by: .commandLine) { changed in
          for (resource, quota) in quotas { if let quota { changed[resource] = quota.limit } }
        }
        if decisionRetentionDays != nil || decisionRetentionCount != nil {
          let before = try await lifecycle.usage(of: account).decisionRetention
          try await lifecycle.setDecisionRetention(
            DecisionRetention(
              days: decisionRetentionDays ?? before.days, count: decisionRetentionCount ?? before.count),
            of: account, by: .commandLine)
        }
        let usage = try await lifecycle.usage(of: account)
        Console.print(
          "Account \(account) may send \(usage.rate.perMinute) requests a minute, \(usage.rate.burst) at once.")
        let retention = usage.decisionRetention
        Console.print("Decisions are kept whole for \(retention.days) days, and the latest \(retention.count) of them.")
        var table = Table(["quota", "limit", "used"], rightAligned: [1, 2])
        for resource in AccountQuotas.Resource.allCases {
          table.add([
            Self.name(of: resource), usage.quotas[resource].map { "\($0)" } ?? "none", "\(usage.used[resource] ?? 0)",
          ])
        }
        Console.print(table.text)
      }
    }

    /// The quotas that are set, in a few words.
    static func text(_ quotas: AccountQuotas) -> String {
      AccountQuotas.Resource.allCases.compactMap { resource in
        quotas[resource].map { "\($0) \(name(of: resource))" }
      }.joined(separator: ", ")
    }

    private static func name(of resource: AccountQuotas.Resource) -> String {
      resource.rawValue.replacing("_", with: " ")
    }
  }
}
