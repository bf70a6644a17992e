import Accounts
import App
import AppTestKit
import DecisionEngine
import Decisions
import Formats
import HTTPTypes
import Measurement
import Storage
import TestKit
import Testing
import Values

/// What is known of each setting, and that the list of settings is all there is to know.
struct SettingTests {
  private static let settings = AccountSettings.standard

  /// A configuration in which nothing is as in a new account's.
  private static func changed() throws -> AccountConfiguration {
    var changed = AccountConfiguration(currency: try #require(Currency("JPY")), timezone: "Asia/Tokyo")
    changed.aov = Money(micros: 1)
    changed.mode = .direct
    changed.ignoranceZoneDays = 0.1 + 0.2
    changed.ignoranceZoneSpend = Money(micros: 999_999_999_999_999)
    changed.minSpendForKill = Money(micros: 123_456_789)
    changed.killROASThreshold = -0.0
    changed.scaleROASThreshold = 1000.0.nextDown
    changed.blendingCurve = try BlendingCurve("0:1,24.5:0.30000000000000004")
    changed.maxDailyChange = 0.01
    changed.winnerROASThreshold = .leastNonzeroMagnitude
    changed.winnerCTRThreshold = 1e-7
    changed.stages = try StageValues([
      DealStage(name: "präsentiert \"x\"", value: Money(micros: 1), confidence: 1.0 / 3, kind: .open),
      DealStage(name: "won", value: Money(micros: 999_999_999_999_999), confidence: 1, kind: .won),
    ])
    changed.exploration = 1.0.nextDown
    changed.stageValues = .configured
    changed.figuresWarningDays = 0
    changed.figuresLimitDays = 36_500
    changed.crm.adIDProperties = []
    changed.crm.adURLParameters = ["ü"]
    changed.crm.attributionWindowDays = 3_650
    changed.crm.currencyRates = ["EUR": 0.1 + 0.2, "SEK": 1e-6]
    changed.crm.stages = ["a/b": "won"]
    changed.version = 7
    return changed
  }

  @Test("Every property has a setting: a configuration reads back from what is stored of it, to the bit")
  func complete() throws {
    let changed = try Self.changed()
    for (old, new) in zip(Mirror(reflecting: AccountConfiguration()).children, Mirror(reflecting: changed).children) {
      #expect(
        String(reflecting: old.value) != String(reflecting: new.value), "\(new.label ?? "") is to be changed here")
    }
    let text = Self.settings.text(changed)
    let read = try Self.settings.configuration(stored: text, of: "a test")
    #expect(read == changed)
    #expect(read.killROASThreshold.sign == .minus)
    #expect(Self.settings.text(read) == text)
    let answered = try Self.body(changed)
    var again = AccountConfiguration()
    try Self.settings.change(by: Array(answered.utf8))(&again)
    again.version = changed.version
    #expect(again == changed, "what is answered is taken as a change")
  }

  /// The settings as an answer has them, without the version.
  private static func body(_ configuration: AccountConfiguration) throws -> String {
    var json = JSONWriter()
    json.object { settings.write(configuration, to: &$0) }
    guard case .object(var object) = try JSONValue(parsing: json.bytes) else { return "" }
    object.members.removeAll { $0.key == "version" }
    var body = JSONWriter()
    JSONValue.object(object).write(to: &body)
    return body.string
  }

  @Test("Names differ, and none is the version's")
  func names() {
    let names = Self.settings.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(!names.contains("version"))
    #expect(Self.settings.all.allSatisfy { !$0.description.isEmpty })
  }

  @Test("Amounts are stored as decimal strings and answered as numbers")
  func amounts() throws {
    let stored = try JSONValue(parsing: Self.settings.text(Self.changed()).utf8)
    #expect(try stored.text("ignorance_zone_spend") == "999999999.999999")
    #expect(try stored.text("stages.0.value") == "0.000001")
    let answered = try JSONValue(parsing: Self.body(Self.changed()).utf8)
    #expect(try answered.at("ignorance_zone_spend") == .number("999999999.999999"))
    #expect(try answered.at("stages.0.value") == .number("0.000001"))
  }

  @Test(
    "What earlier releases stored is read: amounts as numbers, settings that were not there, bounds that were wider")
  func earlier() throws {
    let text = #"{"version": 4, "aov": 999999999.999999, "max_daily_change": 50, "timezone": "Gone/Away"}"#
    let read = try Self.settings.configuration(stored: text, of: "a test")
    #expect(read.version == 4)
    #expect(read.aov == Money(micros: 999_999_999_999_999))
    #expect(read.maxDailyChange == 50)
    #expect(read.timezone == "Gone/Away")
    #expect(read.exploration == AccountConfiguration().exploration)
    #expect(try Self.settings.configuration(stored: "{}", of: "a test") == AccountConfiguration())
  }

  @Test(
    "What this release cannot read is a fault that names the row and the setting",
    arguments: [(#"{"boldness": 1}"#, "boldness"), (#"{"aov": true}"#, "aov"), (#"{"aov":"#, "JSON"), ("[]", "body")])
  func unreadable(_ text: String, _ named: String) {
    let error = #expect(throws: DatabaseError.self) {
      try Self.settings.configuration(stored: text, of: "account acme")
    }
    #expect(error?.description.contains("configuration of account acme") == true)
    #expect(error?.description.contains(named) == true, "\(String(describing: error))")
  }

  // MARK: One more setting

  /// The settings with another one in the place of `exploration`, which nothing else in the product names.
  private static let bold = {
    var additions = SystemAdditions()
    additions.settings = AccountSettings(
      settings.all.filter { $0.name != "exploration" }
        + [Setting("boldness", "How bold it is.", \.exploration, .number(in: 0.25...0.75))])
    return additions
  }()

  private static let path = "/api/accounts/acme/configuration"

  @Test("A setting that is added to the list is in the document, the answers, the dry run, the history and the log")
  func added() async throws {
    let test = try await TestSystem(with: Self.bold)
    try await test.serving { api in
      let document = try await api.send(.get, "/openapi.json").done()
      for schema in ["Configuration", "ConfigurationChange"] {
        let described = try document.at("components.schemas.\(schema).properties.boldness")
        #expect(try described.text("description") == "How bold it is.")
        #expect(try described.number("minimum") == 0.25)
        #expect(try described.number("maximum") == 0.75)
      }
      #expect(try await api.send(.get, Self.path).done().number("boldness") == 0.5)
      let refusal = try await api.send(.put, Self.path, #"{"boldness": 0.8}"#).refusal()
      #expect(refusal.fields == ["boldness"])
      #expect(refusal.message.contains("must be 0.25 to 0.75"))
      #expect(try await api.send(.put, Self.path, #"{"exploration": 0.5}"#).refusal().fields == ["exploration"])
      let preview = try await api.send(.put, Self.path + "?dry_run=true", #"{"boldness": 0.6}"#).done()
      #expect(try preview.list("changes").map { try $0.text("field") } == ["boldness"])
      #expect(try preview.number("changes.0.before") == 0.5)
      #expect(try preview.number("changes.0.after") == 0.6)
      #expect(try await api.send(.get, Self.path).done().number("boldness") == 0.5)
      #expect(try await api.send(.put, Self.path, #"{"boldness": 0.6}"#).done().number("boldness") == 0.6)
      #expect(try await api.send(.get, Self.path).done().number("boldness") == 0.6)
      for (version, boldness) in [(1, 0.5), (2, 0.6)] {
        let stored = try await api.send(.get, Self.path + "/versions/\(version)").done()
        #expect(try stored.number("configuration.boldness") == boldness)
      }
      let line = try await api.send(.get, "/api/audit-log").done().at("entries.0")
      #expect(try line.number("before.boldness") == 0.5)
      #expect(try line.number("after.boldness") == 0.6)
    }
  }

  @Test("It is stored, read by other processes, exported, and decided and replayed by")
  func addedAndStored() async throws {
    let test = try await TestSystem(with: Self.bold)
    try await test.configure(#"{"boldness": 0.6}"#)
    let elsewhere = try test.openDatabaseAgain()
    let other = try await System(database: elsewhere, clock: { test.clock.now() }, with: Self.bold)
    #expect(try await other.accounts.configuration(of: test.account).exploration == 0.6)
    let exported = Lines()
    try await test.system.lifecycle.export(test.account, by: .system) { table, line in
      if table == "account_configurations" { exported.add(String(decoding: line, as: UTF8.self)) }
    }
    let row = try JSONValue(parsing: #require(exported.sorted.first).utf8)
    let document = try JSONValue(parsing: row.text("configuration").utf8)
    #expect(try document.number("boldness") == 0.6)
    #expect(document["exploration"] == nil)
    try await test.importText("ad_id,date,impressions,clicks,spend\n1,2026-05-27,1000,20,100\n", as: .adsCSV)
    let decided = try await test.decide("50") { $0.policy = .lagAware }
    let replay = try await other.decisions.replay(decided.id)
    #expect(replay.isIdentical)
    #expect(try JSONValue(parsing: replay.stored.configuration.utf8).number("boldness") == 0.6)
    await elsewhere.shutDown()
  }

  @Test("An account from before the setting has its default, and its history does not claim that it had one")
  func addedLater() async throws {
    let test = try await TestSystem()
    try await test.configure(#"{"exploration": 0.6, "aov": 5}"#)
    try await test.system.database.write { transaction in
      for table in ["account_configurations", "account_configuration_versions"] {
        try transaction.execute(
          "UPDATE \(SQL(stringLiteral: table)) SET configuration = replace(configuration, '\"exploration\":0.6,', '')")
      }
    }
    let elsewhere = try test.openDatabaseAgain()
    let later = try await System(database: elsewhere, clock: { test.clock.now() }, with: Self.bold)
    let configuration = try await later.accounts.configuration(of: test.account)
    #expect(configuration.exploration == 0.5)
    #expect(configuration.aov == Money(decimal: "5"))
    let stored = try await later.accounts.version(2, of: test.account).configuration
    #expect(stored["boldness"] == nil)
    #expect(try stored.number("aov") == 5)
    await elsewhere.shutDown()
  }
}
