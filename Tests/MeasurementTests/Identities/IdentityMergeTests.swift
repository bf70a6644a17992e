import App
import AppTestKit
import DecisionEngine
import Formats
import Storage
import TestKit
import Testing
import Values

@testable import Accounts
@testable import Decisions
@testable import Measurement

/// Rows that earlier releases stored under two spellings of one name become one.
struct IdentityMergeTests {
  private static let new = "K\u{F6}ln"
  private static let old = "Ko\u{308}ln"

  private func run(_ statements: SQL..., in test: TestSystem) async throws {
    try await test.system.database.write { transaction in
      for statement in statements { try transaction.execute(statement) }
    }
  }

  /// A system whose tables have the columns that the step reads; a later step moved them into a document.
  private func systemOfThen() async throws -> TestSystem {
    let test = try await TestSystem()
    var stages = JSONWriter()
    StageCoding.write(.reference, as: .answered, to: &stages)
    try await run(
      "ALTER TABLE account_configurations ADD COLUMN stages \(type: .json) NOT NULL DEFAULT '[]'",
      "ALTER TABLE account_configurations ADD COLUMN crm \(type: .json) NOT NULL DEFAULT '{}'",
      "UPDATE account_configurations SET stages = \(stages.string)", in: test)
    return test
  }

  /// Renames an ad in every table, byte by byte.
  private func rename(_ ad: String, to name: String, in test: TestSystem) async throws {
    for table in AdMerge.tables {
      try await run("UPDATE \(SQL(stringLiteral: table)) SET ad_id = \(name) WHERE ad_id = \(ad)", in: test)
    }
  }

  private func merge(_ test: TestSystem) async throws {
    try await test.system.database.write { try IdentityMerge($0).run() }
  }

  private func doubles() async throws -> TestSystem {
    let test = try await systemOfThen()
    let header = "ad_id,ad_name,date,impressions,clicks,spend,delivery,won_deals\n"
    try await test.importText(
      header + "X,Hook,2026-05-20,100,1,5,active,2\nX,Hook,2026-05-21,10,1,5,active,\n", as: .adsCSV)
    test.clock.advance(seconds: 60)
    try await test.importText(
      header + "Y,,2026-05-20,200,2,6,paused,1\nY,,2026-05-22,20,2,6,paused,\nZ,,2026-05-22,1,0,0,active,\n",
      as: .adsCSV)
    try await test.importText(
      "id,dealstage,ad_id,createdate\nd1,show_up,X,2026-05-20T10:00:00Z\nd2,appointment_scheduled,Y,2026-05-21T10:00:00Z\n",
      as: .hubspotDeals)
    for (ad, name) in [("X", Self.new), ("Y", Self.old)] {
      // The names of reported sales hold the ad's.
      try await run(
        """
        INSERT INTO deals (account_id, deal_id, ad_id, stage, amount, stage_entered_at, source)
        SELECT account_id, replace(deal_id, \("sale:\(ad):"), \("sale:\(name):")), ad_id, stage, amount, stage_entered_at, source
        FROM deals WHERE ad_id = \(ad) AND source = 'ad_figures'
        """,
        """
        INSERT INTO deal_stage_history (account_id, deal_id, occurred_at, stage, source)
        SELECT account_id, replace(deal_id, \("sale:\(ad):"), \("sale:\(name):")), occurred_at, stage, source
        FROM deal_stage_history WHERE source = 'ad_figures' AND deal_id LIKE \("sale:\(ad):%")
        """,
        "DELETE FROM deals WHERE deal_id LIKE \("sale:\(ad):%")", in: test)
      try await rename(ad, to: name, in: test)
    }
    return test
  }

  @Test("An ad in two spellings becomes one: the later import's days, all deals, and sums that follow")
  func ads() async throws {
    let test = try await doubles()
    #expect(try await test.rowCounts()["ad_states"] == 3)
    try await merge(test)
    let ads = try await test.system.ads.list(of: test.account)
    #expect(ads.map(\.state.adID.value) == [Self.new, "Z"])
    #expect(ads.allSatisfy { $0.state.adID.value.isCanonical })
    let ad = ads[0]
    #expect(ad.name == "Hook")
    #expect(ad.state.impressions == 230)
    #expect(ad.state.spend == 17)
    #expect(ad.delivery.lastDelivery?.description == "2026-05-22")
    // A deal of each spelling, and the one sale of the later import's day.
    #expect(ad.state.pipelineValue == 9_000 + 2_250 + 15_000)
    #expect(ad.state.cashRevenue == 15_000)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM deals") == 3)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM restated_days") == 1)
    let history = try await test.system.ads.history(
      of: test.account, configuration: test.system.accounts.configuration(of: test.account), asOf: nil)
    #expect(history?.ads.count == 2)
    for policy in Policy.allCases { _ = try await test.decide("20") { $0.policy = policy } }
    let again = try await test.dump()
    try await merge(test)
    #expect(try await test.dump() == again)
  }

  @Test("A second import after the merge finds its days")
  func later() async throws {
    let test = try await doubles()
    try await merge(test)
    try await test.importText(
      "ad_id,date,impressions,clicks,spend,won_deals\n\(Self.old),2026-05-20,300,3,7,1\n", as: .adsCSV)
    #expect(try await test.states()[Self.new]?.impressions == 330)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM deals") == 3)
  }

  @Test("A deal in two spellings has the moves of both and stands where the latest led")
  func deals() async throws {
    let test = try await systemOfThen()
    try await test.importText("ad_id,date,impressions,clicks,spend\n1,2026-05-27,100,1,5\n", as: .adsCSV)
    try await test.importText(
      "id,dealstage,ad_id,hs_v2_date_entered_current_stage\nn,appointment_scheduled,1,2026-05-20T10:00:00Z\n"
        + "o,show_up,1,2026-05-21T10:00:00Z\nlone,show_up,1,2026-05-21T10:00:00Z\n", as: .hubspotDeals)
    for (id, name) in [("n", Self.new), ("o", Self.old), ("lone", "lone e\u{301}")] {
      try await run(
        """
        INSERT INTO deals (account_id, deal_id, ad_id, stage, amount, stage_entered_at, source)
        SELECT account_id, \(name), ad_id, stage, amount, stage_entered_at, source FROM deals WHERE deal_id = \(id)
        """,
        """
        INSERT INTO deal_stage_history (account_id, deal_id, occurred_at, stage, source)
        SELECT account_id, \(name), occurred_at, stage, source FROM deal_stage_history WHERE deal_id = \(id)
        """,
        "DELETE FROM deals WHERE deal_id = \(id)", in: test)
    }
    try await merge(test)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM deals") == 2)
    #expect(
      try await test.number("SELECT COUNT(*) AS value FROM deals WHERE deal_id = \(Self.new) AND stage = 'show_up'")
        == 1)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM deal_stage_history") == 3)
    #expect(try await test.states()["1"]?.pipelineValue == 18_000)
    let again = try await test.dump()
    try await merge(test)
    #expect(try await test.dump() == again)
  }

  @Test("Clicks, attributions and what waits for clicks follow")
  func clicks() async throws {
    let test = try await systemOfThen()
    let (new, old) = ("Klick-\u{E9}", "Klick-e\u{301}")
    let now = test.clock.now()
    for (index, id) in ["n", "o"].enumerated() {
      var conversion = Conversion(dealID: "d\(index)")
      conversion.clickID = id
      _ = try await test.system.attributions.attribute(conversion, of: test.account)
      let click = Click(id: id, adID: try #require(AdID("1")), clickedAt: now)
      _ = try await test.system.attributions.track(click, of: test.account)
    }
    for (id, name) in [("n", new), ("o", old)] {
      try await run(
        "UPDATE clicks SET click_id = \(name) WHERE click_id = \(id)",
        "UPDATE awaited_clicks SET click_id = \(name) WHERE click_id = \(id)", in: test)
    }
    try await run("UPDATE attributions SET deal_id = \(Self.old) WHERE deal_id = 'd1'", in: test)
    try await merge(test)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM clicks WHERE click_id = \(new)") == 1)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM clicks") == 1)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM awaited_clicks WHERE click_id = \(new)") == 2)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM attributions WHERE deal_id = \(Self.new)") == 1)
  }

  @Test("Stages follow in the configuration and in deals")
  func stages() async throws {
    let test = try await systemOfThen()
    let stages = """
      {"stages": [{"name": "gepr\u{FC}ft", "value": 10, "confidence": 1, "kind": "open"},
        {"name": "Gewonnen", "value": 100, "confidence": 1, "kind": "won"}]}
      """
    try await test.configure(stages)
    try await test.importText("ad_id,date,impressions,clicks,spend\n1,2026-05-27,100,1,5\n", as: .adsCSV)
    try await test.importText(
      "id,dealstage,ad_id,createdate\nd,gepr\u{FC}ft,1,2026-05-20T10:00:00Z\n", as: .hubspotDeals)
    let before = try await test.dump(leavingOut: ["funnel_states", "funnel_steps", "funnel_logs"])
    let old = "gepru\u{308}ft"
    let json =
      #"[{"name": "\#(old)", "value": 10.00, "confidence": 1, "kind": "open"}, "#
      + #"{"name": "Gewonnen", "value": 100.00, "confidence": 1, "kind": "won"}]"#
    try await run(
      "UPDATE deals SET stage = \(old)", "UPDATE deal_stage_history SET stage = \(old)",
      "UPDATE account_configurations SET stages = \(json)", in: test)
    try await merge(test)
    let after = try await test.dump(leavingOut: ["funnel_states", "funnel_steps", "funnel_logs"])
    for table in ["deals", "deal_stage_history", "ad_states"] { #expect(after[table] == before[table]) }
    let stored = try await test.system.database.read { transaction in
      try transaction.first("SELECT stages FROM account_configurations")?.get("stages", as: String.self) ?? ""
    }
    #expect(try StageCoding.read(stored).stages.allSatisfy { $0.name.isCanonical })
    #expect(try await test.states()["1"]?.pipelineValue == 10)
  }

  @Test("A decision that was stored under another spelling replays as it is")
  func storedDecision() async throws {
    let test = try await TestSystem()
    let configuration = try await test.system.accounts.configuration(of: test.account)
    let ads = try [Self.old, "Z"].map { name in
      try AdState(
        accountID: test.account, adID: #require(AdID(stored: name)), impressions: 1_000, clicks: 10, spend: 100,
        pipelineValue: 500, cashRevenue: 0, ageHours: 100)
    }
    for policy in Policy.allCases {
      var inputs = SelectionInputs(
        policy: policy, ads: ads, now: test.clock.now(), totalBudget: 10_000, seed: 7)
      if policy == .battleHardened { inputs.dnaScores = [ads[0].adID: 0.5] }
      let selection = try inputs.select(configuration)
      let coding = SelectionCoding(configuration: configuration, explains: true)
      let record = DecisionRecord(
        id: try #require(DecisionID("acme:\(policy.rawValue)")), decidedAt: test.clock.now(),
        author: "test", policyVersion: selection.policyVersion,
        configurationVersion: 1, seed: 7, totalBudget: Money(micros: 100_000_000), inputs: InputsCoding.text(inputs),
        configuration: test.system.accounts.settings.text(configuration),
        result: String(decoding: coding.write(selection, decisionID: nil), as: UTF8.self))
      try await test.system.database.write { try DecisionRepository().insert(record, in: $0) }
      let replay = try await test.system.decisions.replay(record.id)
      #expect(replay.isIdentical)
      #expect(Array(replay.result.utf8) == Array(record.result.utf8))
    }
  }
}
