import Accounts
import App
import AppTestKit
import DecisionEngine
import Storage
import TestKit
import Testing
import Values

/// Configurations of databases in which each setting had a column.
struct ConfigurationMigrationTests {
  private static let before = TestSchema(
    "before documents", Array(allMigrations.prefix { $0.id != "0025_configuration_document" }))

  /// Brings a database of then up to date and gives the accounts on it.
  private func upToDate(_ database: any Database) async throws -> AccountService {
    let clock = ManualClock()
    try await Migrator(allMigrations).migrate(database, at: clock.now())
    return AccountService(
      database: database, clock: { clock.now() }, audit: AuditService(database: database, clock: { clock.now() }))
  }

  private func insert(_ account: String, _ database: any Database, _ configuration: SQL) async throws -> AccountID {
    let id = try #require(AccountID(account))
    try await database.write { transaction in
      try transaction.execute("INSERT INTO accounts (account_id, created_at) VALUES (\(id), \(Instant(seconds: 1)))")
      try transaction.execute(configuration)
    }
    return id
  }

  /// Columns of an account that has changed each of them.
  private func row(_ account: String, _ c: AccountConfiguration, stages: String, crm: String) -> SQL {
    """
    INSERT INTO account_configurations (
      account_id, aov, currency, timezone, mode, ignorance_zone_days, ignorance_zone_spend, min_spend_for_kill,
      kill_roas_threshold, scale_roas_threshold, blending_curve, max_daily_change, winner_roas_threshold,
      winner_ctr_threshold, stages, exploration, stage_values, figures_warning_days, figures_limit_days, crm,
      version, updated_at)
    VALUES (
      \(account), \(c.aov), \(c.currency.code), \(c.timezone), \(c.mode.rawValue), \(c.ignoranceZoneDays),
      \(c.ignoranceZoneSpend), \(c.minSpendForKill), \(c.killROASThreshold), \(c.scaleROASThreshold),
      \(c.blendingCurve.description), \(c.maxDailyChange), \(c.winnerROASThreshold), \(c.winnerCTRThreshold),
      \(stages), \(c.exploration), \(c.stageValues.rawValue), \(c.figuresWarningDays), \(c.figuresLimitDays), \(crm),
      \(c.version), \(Instant(seconds: 2)))
    """
  }

  @Test("Every value moves into the document, to the bit, whatever it is", arguments: 1...4 as ClosedRange<UInt64>)
  func values(seed: UInt64) async throws {
    let test = try await TestDatabase(Self.before)
    var random = SeededRandom(seed: seed)
    var expected: [(AccountID, AccountConfiguration)] = []
    for number in 1...20 {
      let name = "account\(number)"
      var configuration = try Self.configuration(&random)
      let values = (1...3).map { _ in Money(micros: Int64.random(in: 0...999_999_999_999_999, using: &random)) }
      configuration.stages = try StageValues(
        values.enumerated().map { index, value in
          DealStage(
            name: "stage \(index) \u{1F600} \"\\", value: value, confidence: Double.random(in: 0...1, using: &random),
            kind: .open)
        })
      let stages = configuration.stages.stages.map { stage in
        #"{"name": "\#(stage.name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))","#
          + #" "value": \#(stage.value), "confidence": \#(stage.confidence), "kind": "open"}"#
      }.joined(separator: ",")
      let rate = Double.random(in: 1e-6...1e6, using: &random)
      configuration.crm.currencyRates = ["EUR": rate]
      configuration.crm.stages = ["a/ü": "stage 0"]
      configuration.crm.attributionWindowDays = 7
      let crm =
        #"{"attribution_window_days": 7, "currency_rates": {"EUR": \#(rate)}, "crm_stages": {"a/ü": "stage 0"}}"#
      let account = try await insert(
        name, test.database, row(name, configuration, stages: "[\(stages)]", crm: crm))
      expected.append((account, configuration))
    }
    let accounts = try await upToDate(test.database)
    for (account, configuration) in expected {
      let read = try await accounts.configuration(of: account)
      #expect(read == configuration)
      #expect(accounts.settings.text(read) == accounts.settings.text(configuration), "to the bit")
    }
    #expect(try await accounts.all().map(\.timezone) == expected.sorted { $0.0 < $1.0 }.map(\.1.timezone))
  }

  private static func configuration(_ random: inout SeededRandom) throws -> AccountConfiguration {
    func amount(from least: Int64 = 0) -> Money {
      Money(micros: Int64.random(in: least...999_999_999_999_999, using: &random))
    }
    func number(_ range: ClosedRange<Double>) -> Double {
      // Some of the digits that a rounded text would lose, and the ends.
      switch random.int(in: 0...5) {
      case 0: range.lowerBound
      case 1: range.upperBound
      case 2: max(range.lowerBound, range.upperBound.nextDown)
      default: Double.random(in: range, using: &random)
      }
    }
    var configuration = AccountConfiguration(currency: try #require(Currency("JPY")), timezone: "Asia/Tokyo")
    configuration.aov = amount(from: 1)
    configuration.mode = random.int(in: 0...1) == 0 ? .direct : .pipeline
    configuration.ignoranceZoneDays = number(0...365)
    configuration.ignoranceZoneSpend = amount()
    configuration.minSpendForKill = amount()
    configuration.killROASThreshold = number(0...500)
    configuration.scaleROASThreshold = number(500...1000)
    configuration.blendingCurve = try BlendingCurve("0:1,\(number(1...50)):\(number(0...1))")
    configuration.maxDailyChange = number(0.01...10)
    configuration.winnerROASThreshold = number(0...1000)
    configuration.winnerCTRThreshold = number(0...1)
    configuration.exploration = number(0...1)
    configuration.stageValues = random.int(in: 0...1) == 0 ? .learned : .configured
    configuration.figuresLimitDays = random.int(in: 0...36_500)
    configuration.figuresWarningDays = random.int(in: 0...configuration.figuresLimitDays)
    configuration.version = random.int(in: 1...1_000)
    return configuration
  }

  @Test("An account that has set nothing keeps what it had: CRM settings of no account are the defaults")
  func defaults() async throws {
    let test = try await TestDatabase(Self.before)
    let stages = AccountConfiguration().stages.stages.map { stage in
      #"{"name": "\#(stage.name)", "value": \#(stage.value), "confidence": \#(stage.confidence), "#
        + #""kind": "\#(stage.kind.rawValue)"}"#
    }
    let account = try await insert(
      "acme", test.database,
      row("acme", AccountConfiguration(), stages: "[\(stages.joined(separator: ","))]", crm: "{}"))
    let accounts = try await upToDate(test.database)
    #expect(try await accounts.configuration(of: account) == AccountConfiguration())
    let columns = try await test.database.read {
      try DatabaseContents.columns(of: "account_configurations", in: $0)
    }
    #expect(columns.sorted() == ["account_id", "configuration", "updated_at", "version"])
  }

  @Test("Quotas that were set stay, and of other names can be set")
  func quotas() async throws {
    let test = try await TestDatabase(Self.before)
    let account = try await insert(
      "acme", test.database,
      "INSERT INTO account_quotas (account_id, resource, maximum) VALUES ('acme', 'ads', 7), ('acme', 'decisions', 9)")
    _ = try await upToDate(test.database)
    _ = try await test.database.write { transaction in
      try transaction.execute(
        "INSERT INTO account_quotas (account_id, resource, maximum) VALUES (\(account), 'videos', 3)")
    }
    let rows = try await test.database.read {
      try DatabaseContents.rows(of: "account_quotas", ["account_id", "resource", "maximum"], in: $0)
    }
    #expect(rows == ["'acme' 'ads' 7", "'acme' 'decisions' 9", "'acme' 'videos' 3"])
    await #expect(throws: DatabaseError.self) {
      _ = try await test.database.write { transaction in
        try transaction.execute("INSERT INTO account_quotas (account_id, resource, maximum) VALUES ('acme', '', 3)")
      }
    }
  }
}
