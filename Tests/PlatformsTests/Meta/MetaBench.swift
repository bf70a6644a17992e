import Accounts
import App
import AppTestKit
import Formats
import HTTPTypes
import Jobs
import Measurement
import RemoteAPIs
import Storage
import TestKit
import Testing
import Values
import Web

@testable import Platforms

/// A system whose Meta is made up.
struct MetaBench {
  let graph: FakeGraph
  let test: TestSystem
  /// The seconds that were waited for, in place of waiting.
  let waits = Lines()

  static let key = Secret(String(repeating: "0f", count: 32))

  init(
    timezone: String = "UTC", currency: String = "USD", _ change: (inout MetaSettings) -> Void = { _ in }
  ) async throws {
    graph = FakeGraph()
    var settings = MetaSettings()
    settings.token = Secret("TOKEN")
    settings.secretBox = SecretBox(key: Self.key)
    change(&settings)
    let waits = waits
    test = try await TestSystem(
      currency: currency, timezone: timezone, meta: settings, transport: graph,
      sleep: { waits.add("\($0.components.seconds)") })
  }

  var account: AccountID { test.account }

  func connect(
    _ adAccount: String = "act_123", token: String? = nil, account: AccountID? = nil,
    as authority: MetaConnectionService.Authority = .systemOperator
  ) async throws {
    _ = try await test.system.meta.connect(
      account ?? test.account, to: #require(MetaAdAccountID(adAccount)), token: token.map(Secret.init), as: authority,
      by: .system)
  }

  /// The findings of the account's connection, by name.
  func findings() async throws -> [String: MetaFinding] {
    let findings = try await test.system.meta.status(of: account).findings
    return Dictionary(uniqueKeysWithValues: findings.map { ($0.name, $0) })
  }

  func day(_ text: String) throws -> CalendarDay { try #require(CalendarDay(text)) }

  /// The account's figures by ad and day, as text.
  func figures() async throws -> [String] {
    try await test.system.database.read { [account] transaction in
      try transaction.query(
        "SELECT ad_id, date, impressions, clicks, spend, leads FROM ad_daily_metrics WHERE account_id = \(account)"
      ).map { row in
        let (day, spend): (CalendarDay, Money) = (try row.get("date"), try row.get("spend"))
        let leads: Int? = try row.getOptional("leads")
        let counts: (Int, Int) = (try row.get("impressions"), try row.get("clicks"))
        return
          "\(try row.get("ad_id", as: String.self)) \(day) \(counts.0) \(counts.1) \(spend) \(leads.map { "\($0)" } ?? "-")"
      }.sorted()
    }
  }

  func sync() async throws -> MetaSyncService.Report {
    try await test.system.metaSync.sync(account)
  }
}
