import ArgumentParser
import Foundation
import Platforms
import RemoteAPIs
import Values

/// `meta`: connects accounts with ad accounts at Meta, and reads their data.
struct MetaCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "meta", abstract: "Connect accounts with ad accounts at Meta, and read their figures.",
    discussion: """
      The access token comes from META_ACCESS_TOKEN, from META_ACCESS_TOKENS by account, or is provided once and \
      stored sealed with the key in GEMINIVIDEO_SECRET_KEY.
      """,
    subcommands: [Connect.self, Status.self, Sync.self, Disconnect.self])

  struct Connect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Connect an account with an ad account, and report whether everything matches.")

    @OptionGroup var account: AccountOption
    @Option(help: "The ad account, such as act_1234567890. [environment: META_AD_ACCOUNT_ID]")
    var adAccount: MetaAdAccountID?
    @Flag(help: "Read an access token from standard input, and store it sealed.")
    var tokenStdin = false
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let environment = ProcessInfo.processInfo.environment
        guard let adAccount = try adAccount ?? MetaEnvironment.settings(environment).adAccount else {
          throw SettingError(name: "--ad-account", value: "missing", rule: MetaAdAccountID.rule)
        }
        let token = tokenStdin ? try Self.token(readLine(strippingNewline: true) ?? "") : nil
        _ = try await system.meta.connect(
          account.account, to: adAccount, token: token, as: .systemOperator, by: .commandLine)
        try await MetaCommand.show(account.account, in: system)
      }
    }

    private static func token(_ text: String) throws -> Secret {
      let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
      guard let token = MetaAccessToken(text) else {
        throw SettingError(name: "the token on standard input", value: "not shown", rule: MetaAccessToken.rule)
      }
      return token.secret
    }
  }

  struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Ask Meta what the token may do and whether currency and time zone agree, and report what to do.",
      discussion: "The exit status is 1 if anything has to be done.")

    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in try await MetaCommand.show(account.account, in: system) }
    }
  }

  struct Sync: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Read figures, campaigns, ad sets and ads now, and whatever of the past has not been read yet.",
      discussion: "A worker does the same every 15 minutes. What has been read stays when this is stopped.")

    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let bar = ProgressBar()
        var report: MetaSyncService.Report
        repeat {
          report = try await system.metaSync.sync(account.account) { history in
            guard history.days > 0 else { return }
            bar.show(Int64(history.daysDone), of: Int64(history.days), "the past of \(account.account)")
          }
        } while report.goesOn
        bar.finish()
        Console.print("Read \(report.text).")
      }
    }
  }

  struct Disconnect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "End an account's connection and delete its token; figures stay.")

    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        try await system.meta.disconnect(account.account, by: .commandLine)
        Console.print("Account \(account.account) is no longer connected with Meta.")
      }
    }
  }

  /// Asks Meta, and prints the findings and what to do. Throws where something has to be done.
  private static func show(_ account: AccountID, in system: System) async throws {
    do {
      try await system.metaSync.check(account)
    } catch let error as MetaSyncRefusal {
      if case .notConnected = error { throw error }
    } catch is MetaTokenMissing, is MetaError {
      // It is now the connection's problem, which is printed with the rest.
    }
    let status = try await system.meta.status(of: account)
    let findings = status.findings.map { DoctorCheck(name: $0.name, isFine: $0.isFine, finding: $0.text) }
    for finding in findings { Console.print(finding.line) }
    let counts = AdObject.Kind.allCases.map { "\(status.objects[$0] ?? 0) \($0.plural)" }.joined(separator: ", ")
    Console.print("\(counts); of the past \(status.history.daysDone) of \(status.history.days) days have been read")
    for chunk in status.history.failed {
      Console.print("\(chunk.first) to \(chunk.last) cannot be read: \(chunk.problem ?? "without a reason")")
    }
    guard findings.allSatisfy(\.isFine) else { throw ExitCode(1) }
  }
}

extension MetaAdAccountID: ExpressibleByArgument {
  /// Reads an ad account from the command line.
  package init?(argument: String) {
    self.init(argument)
  }
}

extension AdObject.Kind {
  fileprivate var plural: String {
    switch self {
    case .campaign: "campaigns"
    case .adSet: "ad sets"
    case .ad: "ads"
    }
  }
}
