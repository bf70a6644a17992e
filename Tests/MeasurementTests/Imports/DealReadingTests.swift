import App
import AppTestKit
import DecisionEngine
import Measurement
import Storage
import TestKit
import Testing
import Values

/// What an account's configuration says of its CRM holds for files as it does for events.
struct DealReadingTests {
  private static let ads = "ad_id,date,impressions,clicks,spend\n1,2026-05-01,1000,10,100\n2,2026-05-01,1000,10,100\n"

  private static func system(_ configuration: String = "{}") async throws -> TestSystem {
    let test = try await TestSystem()
    try await test.importText(ads, as: .adsCSV, name: "ads.csv")
    if configuration != "{}" { try await test.configure(configuration) }
    return test
  }

  private static func stages(_ test: TestSystem) async throws -> [String: String] {
    try await test.system.database.read { transaction in
      try transaction.query("SELECT deal_id, stage FROM deals").reduce(into: [:]) {
        $0[try $1.get("deal_id")] = try $1.get("stage", as: String.self)
      }
    }
  }

  private static func moves(_ test: TestSystem) async throws -> [String] {
    try await test.system.database.read { transaction in
      try transaction.query("SELECT deal_id, stage, occurred_at FROM deal_stage_history ORDER BY deal_id, occurred_at")
        .map { row in
          let at = try row.get("occurred_at", as: Instant.self)
          return "\(try row.get("deal_id", as: String.self)) \(try row.get("stage", as: String.self)) \(at)"
        }
    }
  }

  @Test("Stages of two pipelines with one id are told apart, in JSON and in tables", arguments: ["json", "csv"])
  func pipelines(_ kind: String) async throws {
    let test = try await Self.system(#"{"crm_stages": {"renewals/8812": "show_up", "default/8812": "lead"}}"#)
    let texts = [
      "json": """
      [{"id": "9001", "properties": {"dealstage": "8812", "pipeline": "renewals"}},
       {"id": "9002", "properties": {"dealstage": "8812", "pipeline": "default"}}]
      """, "csv": "id,dealstage,Pipeline\n9001,8812,renewals\n9002,8812,default\n",
    ]
    try await test.importText(#require(texts[kind]), as: .hubspotDeals, name: "deals.\(kind)")
    #expect(try await Self.stages(test) == ["9001": "show_up", "9002": "lead"])
  }

  @Test("Stages are found by label and pipeline, by --stage before crm_stages, and by their own name")
  func labels() async throws {
    let test = try await Self.system(
      #"{"crm_stages": {"Sales Pipeline/Handshake": "show_up", "Renewal/Handshake": "lead", "Signed": "closed_won"}}"#)
    try await test.importText(
      "Record ID,Deal Stage,Pipeline\n1,Handshake (Sales Pipeline),\n2,handshake,Renewal\n3,Closed Won (Renewal),\n"
        + "4,Signed (Anything),\n5,Signed,Partners\n", as: .hubspotDeals
    ) { $0.stages = ["Partners/Signed": "closed_lost"] }
    #expect(
      try await Self.stages(test) == [
        "1": "show_up", "2": "lead", "3": "closed_won", "4": "closed_won", "5": "closed_lost",
      ])
    let refusal = try await test.refusal(of: "id,dealstage,pipeline\n6,8812,renewals\n", as: .hubspotDeals)
    #expect(refusal.rows.first?.rule.contains("say --stage 'renewals/8812=STAGE'") == true)
  }

  @Test("One pipeline of an export is taken in, and what is left out is counted")
  func onePipeline() async throws {
    let test = try await Self.system()
    let text = "Record ID,Deal Stage,Pipeline\n1,lead,Sales Pipeline\n2,Unheard of,Renewals\n3,lead,\n"
    let report = try await test.importText(text, as: .hubspotDeals) { $0.pipeline = "sales pipeline" }
    #expect(report.rows == 2)
    #expect(report.otherPipelineRows == 1)
    #expect(
      try await Self.stages(test) == ["1": "lead", "3": "lead"], "a deal without a pipeline is in the one asked for")
  }

  @Test("An ad's number that a spreadsheet rounded is refused in a deal too; words that people write freely are not")
  func roundedAd() async throws {
    let test = try await Self.system()
    let refusal = try await test.refusal(of: "id,dealstage,ad_id\n1,lead,1.2021E+17\n", as: .hubspotDeals)
    #expect(refusal.rows.first?.column == "ad_id")
    #expect(refusal.rows.first?.rule.hasPrefix("a spreadsheet has rounded this id") == true)
    try await test.importText("id,dealstage,utm_content\n1,lead,1.5E+10\n", as: .hubspotDeals)
    #expect(try await Self.stages(test) == ["1": "lead"])
    let day = "ad_id,date,impressions,clicks,spend\n120210000000000111,2026-05-01,100,1,5\n"
    try await test.importText(day, as: .adsCSV)
    try await test.importText("id,dealstage,ad_id\n2,show_up,'120210000000000111\n", as: .hubspotDeals)
    #expect(try await test.states()["120210000000000111"]?.pipelineValue == 9_000)
  }

  @Test("Amounts in another currency are converted by the account's rate, or taken as the CRM converted them")
  func currencies() async throws {
    let text = """
      Record ID,Deal Stage,Amount,Currency,Amount in company currency,Ad ID
      1,Closed Won,10000,EUR,10900,1
      2,Closed Won,15000,USD,15000,2

      """
    let test = try await Self.system()
    try await test.importText(text, as: .hubspotDeals)
    #expect(try await test.states().mapValues(\.cashRevenue) == ["1": 10_900, "2": 15_000])
    try await test.configure(#"{"currency_rates": {"EUR": 1.08}}"#)
    try await test.importText(text, as: .hubspotDeals)
    #expect(try await test.states().mapValues(\.cashRevenue) == ["1": 10_800, "2": 15_000])
    let json = #"{"id": "1", "properties": {"dealstage": "closedwon", "amount": "100", "deal_currency_code": "eur"}}"#
    try await test.importText(json, as: .hubspotDeals, name: "deals.json")
    #expect(try await test.states()["1"]?.cashRevenue == 108)
  }

  @Test("A currency without a rate is refused with both ways out, and so is a company's currency that is another one")
  func noRate() async throws {
    let test = try await Self.system()
    let refusal = try await test.refusal(
      of: "id,dealstage,amount,Currency\n1,closedwon,100,EUR\n", as: .hubspotDeals)
    #expect(refusal.rows.first?.rule.contains(#"currency_rates={"EUR": RATE}"#) == true)
    let other = try await test.refusal(
      of: "id,dealstage,amount,Currency,Amount in company currency\n1,closedwon,100,USD,93\n", as: .hubspotDeals)
    #expect(other.rows.first?.column == "Amount in company currency")
    try await test.importText("id,dealstage,Currency\n1,lead,EUR\n", as: .hubspotDeals)
    #expect(try await Self.stages(test) == ["1": "lead"], "a deal without an amount has none to convert")
  }

  @Test("A close that lies ahead is no move: the deal is won since now, and goes back", arguments: ["csv", "json"])
  func closeAhead(_ kind: String) async throws {
    let test = try await Self.system()
    func take(_ stage: String) async throws {
      let text =
        kind == "csv"
        ? "Record ID,Deal Stage,Amount,Create Date,Close Date,Ad ID\n1,\(stage),12000,2026-05-01,2099-12-31,1\n"
        : #"{"id": "1", "properties": {"dealstage": "\#(stage)", "amount": "12000", "ad_id": "1", "#
          + #""createdate": "2026-05-01T00:00:00Z", "closedate": "2099-12-31T00:00:00Z"}}"#
      try await test.importText(text, as: .hubspotDeals, name: "deals.\(kind)")
    }
    try await take("closedwon")
    let now = test.clock.now()
    #expect(try await Self.moves(test) == ["1 closed_won \(now)"])
    test.clock.advance(seconds: 3600)
    let before = try await test.dump(leavingOut: ["imports"])
    try await take("closedwon")
    #expect(try await test.dump(leavingOut: ["imports"]) == before)
    try await take("appointmentscheduled")
    let state = try #require(try await test.states()["1"])
    #expect([state.pipelineValue, state.cashRevenue] == [2_250, 0])
    #expect(try await Self.moves(test).last == "1 appointment_scheduled \(test.clock.now())")
    try await take("closedwon")
    #expect(try await test.states()["1"]?.cashRevenue == 12_000, "within the same moment, too")
  }

  @Test("A deal whose close is dated before what is known of it is closed all the same")
  func backdatedClose() async throws {
    let test = try await Self.system()
    try await test.importText("id,dealstage,ad_id,createdate\n1,lead,1,2026-05-01\n", as: .hubspotDeals)
    try await test.importText("id,dealstage,ad_id,createdate\n1,show_up,1,2026-05-01\n", as: .hubspotDeals)
    test.clock.advance(seconds: 86_400)
    try await test.importText("id,dealstage,ad_id,closedate\n1,closedwon,1,2026-05-02\n", as: .hubspotDeals)
    #expect(try await test.states()["1"]?.cashRevenue == 15_000)
  }

  @Test("A move that was once stored for a moment ahead is brought back, and the deal goes on")
  func storedAhead() async throws {
    let test = try await Self.system()
    try await test.importText("id,dealstage,ad_id\n1,closedwon,1\n", as: .hubspotDeals)
    let ahead = test.clock.now().adding(seconds: 86_400 * 1000)
    try await test.system.database.write { transaction in
      try transaction.execute("UPDATE deals SET stage_entered_at = \(ahead)")
      try transaction.execute("UPDATE deal_stage_history SET occurred_at = \(ahead)")
    }
    test.clock.advance(seconds: 10)
    try await test.importText("id,dealstage,ad_id\n1,lead,1\n", as: .hubspotDeals)
    #expect(try await test.states()["1"]?.cashRevenue == 0)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM deal_stage_history WHERE occurred_at > \(ahead)") == 0)
    #expect(try await Self.moves(test).count == 2)
    #expect(try await Self.moves(test).first == "1 closed_won \(test.clock.now())")
  }

  @Test("Deals that were merged leave when the survivor names them, wherever they stand in the file")
  func merged() async throws {
    let test = try await Self.system()
    let header = "Record ID,Deal Stage,Amount,Ad ID,Merged Deal IDs\n"
    try await test.importText(header + "1,closedwon,12000,1,\n2,closedwon,12000,1,\n3,lead,,2,\n", as: .hubspotDeals)
    #expect(try await test.states()["1"]?.cashRevenue == 24_000)
    let report = try await test.importText(
      header + "1,closedwon,12000,1,2;3:1780000000000\n3,show_up,,2,\n", as: .hubspotDeals)
    #expect(report.ads == 2)
    #expect(try await Self.stages(test) == ["1": "closed_won"])
    #expect(try await test.states().mapValues(\.pipelineValue) == ["1": 12_000, "2": 0])
    let json = #"{"id": "4", "properties": {"dealstage": "lead", "hs_merged_object_ids": "1"}}"#
    try await test.importText(json, as: .hubspotDeals, name: "deals.json")
    #expect(try await Self.stages(test) == ["4": "lead"])
  }

  @Test("Free words of UTM tags name an ad only if they look like Meta's ids or the ad has figures")
  func words() async throws {
    let test = try await Self.system()
    let report = try await test.importText(
      "Record ID,Deal Stage,UTM Content\n1,closedwon,carousel_v2\n2,closedwon,{{ad.id}}\n"
        + "3,closedwon,120210000000000111\n4,closedwon,2\n5,closedwon,\n", as: .hubspotDeals)
    #expect(report.rows == 5)
    #expect(report.unattributedDeals == 3)
    #expect(try await test.states()["2"]?.cashRevenue == 15_000)
    let credited = try await test.number("SELECT COUNT(*) AS value FROM deals WHERE ad_id IS NOT NULL")
    #expect(credited == 2)
    let placeholder = try await test.importText("id,dealstage,ad_id\n6,lead,{{ad.id}}\n", as: .hubspotDeals)
    #expect(placeholder.unattributedDeals == 1)
  }

  @Test("The columns that name the ad are those of the account's ad_id_properties, the first that holds")
  func adProperties() async throws {
    let test = try await Self.system(#"{"ad_id_properties": ["utm_content", "campaign_ad"]}"#)
    let report = try await test.importText(
      "Record ID,Deal Stage,Campaign ad,UTM content,Ad ID\n1,show_up,2,spring,1\n", as: .hubspotDeals)
    #expect(try await test.states().mapValues(\.pipelineValue) == ["1": 0, "2": 9_000])
    #expect(report.columns.contains("ad_id from 'Campaign ad'"))
    try await test.importText("Record ID,Deal Stage,Lead source\n2,show_up,1\n", as: .hubspotDeals) {
      $0.mapping = try ColumnMapping(["ad_id=Lead source"])
    }
    #expect(try await test.states()["1"]?.pipelineValue == 9_000)
  }

  @Test(
    "Columns for each stage give the whole history",
    arguments: [
      #"Date entered ""Appointment Scheduled (Sales Pipeline)""|Date entered ""Closed Won (Sales Pipeline)"""#,
      "Date entered 'Appointment Scheduled (Sales Pipeline)'|Date entered 'Closed Won (Sales Pipeline)'",
      "hs_date_entered_appointmentscheduled|hs_v2_date_entered_closedwon",
      "properties_hs_v2_date_entered_appointmentscheduled|properties_hs_v2_date_entered_closedwon",
    ])
  func stageDates(_ columns: String) async throws {
    let test = try await Self.system()
    let names = columns.split(separator: "|").map { $0.contains("\"\"") ? "\"\($0)\"" : String($0) }
    let report = try await test.importText(
      "Record ID,Deal Stage,Ad ID,Amount,Close Date,\(names[0]),\(names[1]),Date entered 'Lost (Other)'\n"
        + "1,closedwon,1,500,2099-12-31,2026-05-02T10:00:00Z,2026-05-09T10:00:00Z,\n"
        + "2,appointmentscheduled,2,,,2026-05-03T10:00:00Z,,2026-05-01T10:00:00Z\n"
        + "3,appointmentscheduled,2,,,2026-05-03T10:00:00Z,2026-05-04T10:00:00Z,\n", as: .hubspotDeals)
    #expect(report.columns.contains("moves from 3 columns of stages' dates"))
    #expect(
      try await Self.moves(test) == [
        "1 appointment_scheduled 2026-05-02T10:00:00Z", "1 closed_won 2026-05-09T10:00:00Z",
        "2 appointment_scheduled 2026-05-03T10:00:00Z", "3 appointment_scheduled 2026-05-03T10:00:00Z",
        "3 closed_won 2026-05-04T10:00:00Z", "3 appointment_scheduled \(test.clock.now())",
      ])
    #expect(try await test.states().mapValues(\.pipelineValue) == ["1": 500, "2": 4_500])
  }

  @Test("Histories of pipeline and stage are read together")
  func histories() async throws {
    let test = try await Self.system(#"{"crm_stages": {"renewals/8812": "show_up", "default/8812": "lead"}}"#)
    let json = """
      {"id": "1", "properties": {"dealstage": "8812", "pipeline": "renewals"}, "propertiesWithHistory": {
        "dealstage": [{"value": "8812", "timestamp": "2026-05-03T10:00:00Z"},
                      {"value": "8812", "timestamp": "2026-05-02T10:00:00Z"}],
        "pipeline": [{"value": "renewals", "timestamp": "2026-05-03T10:00:00Z"},
                     {"value": "default", "timestamp": "2026-05-02T10:00:00Z"}]}}
      """
    try await test.importText(json, as: .hubspotDeals, name: "deals.json")
    #expect(try await Self.moves(test) == ["1 lead 2026-05-02T10:00:00Z", "1 show_up 2026-05-03T10:00:00Z"])
  }

  @Test("Tables of Fivetran, Airbyte and dlt are read by their own names, with times as UTC")
  func warehouses() async throws {
    let test = try await TestSystem(timezone: "America/New_York")
    try await test.importText(Self.ads, as: .adsCSV, name: "ads.csv")
    try await test.configure(#"{"crm_stages": {"p1/s1": "show_up"}}"#)
    try await test.importText(
      "deal_id,is_deleted,deal_pipeline_id,deal_pipeline_stage_id,property_amount,property_createdate,property_ad_id\n"
        + "1,false,p1,s1,10,2026-05-01 12:00:00,1\n2,true,p1,s1,,,\n", as: .hubspotDeals, name: "fivetran.csv")
    try await test.importText(
      "id,properties_dealstage,properties_amount,properties_createdate,properties_hsa_ad\n"
        + "3,closedwon,70.5,2026-05-01T12:00:00Z,2\n", as: .hubspotDeals, name: "airbyte.csv")
    try await test.importText(
      "id,dealstage,hs_date_entered_lead,_dlt_id\n4,lead,2026-05-01 12:00:00,x\n", as: .hubspotDeals, name: "dlt.csv")
    #expect(
      try await Self.moves(test) == [
        "1 show_up 2026-05-01T12:00:00Z", "3 closed_won 2026-05-01T12:00:00Z", "4 lead 2026-05-01T12:00:00Z",
      ])
    #expect(try await test.states().mapValues(\.cashRevenue) == ["1": 0, "2": 70.5])
    // Fivetran's table of moves, a row for each.
    try await test.importText(
      "_fivetran_start,deal_id,_fivetran_active,date_entered,value\n"
        + "x,1,FALSE,2026-04-30 09:00:00,lead\nx,1,TRUE,2026-05-03 09:00:00,closedwon\n", as: .hubspotDeals)
    #expect(
      try await Self.moves(test).prefix(3) == [
        "1 lead 2026-04-30T09:00:00Z", "1 show_up 2026-05-01T12:00:00Z", "1 closed_won 2026-05-03T09:00:00Z",
      ])
    #expect(try await test.states()["1"]?.cashRevenue == 10)
  }
}
