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
import Web

/// Decisions whose figures are stored once for all decisions on them.
struct SnapshotDecisionTests {
  /// An account with three weeks of figures and deals.
  private static func system(seed: UInt64 = 1, ads: Int = 6) async throws -> (TestSystem, DecisionDays) {
    let test = try await TestSystem()
    var days = try DecisionDays(seed: seed, ads: ads, from: "2026-04-01")
    try await days.pass(21, in: test)
    return (test, days)
  }

  private static func snapshots(_ test: TestSystem) async throws -> Int {
    try await test.number("SELECT COUNT(*) AS value FROM decision_snapshots")
  }

  @Test("Decisions on figures that go on from day to day replay to the bit and are shown in full", arguments: 0..<3)
  func replays(_ seed: UInt64) async throws {
    var (test, days) = try await Self.system(seed: seed)
    var random = SeededRandom(seed: seed)
    var decided: [DecisionService.Decided] = []
    for number in 0..<12 {
      try await days.pass(restated: 3, in: test)
      if number == 5 {
        _ = try await test.system.ads.setDelivery(
          .paused, of: [#require(AdID("12021037"))], account: test.account, by: .commandLine(user: "kim"))
      }
      for policy in [Policy.lagAware, .battleHardened, .lagAware] {
        let decision = try await test.decide("\(Int.random(in: 10...9_000, using: &random)).25") { order in
          order.policy = policy
          order.limitsChange = Bool.random(using: &random)
          if Int.random(in: 0..<4, using: &random) == 0 { order.day = days.day.adding(days: -4) }
          if policy == .battleHardened { order.dnaScores = [try #require(AdID("12021074")): 0.7] }
        }
        decided.append(decision)
      }
    }
    let process = try await test.anotherProcess()
    for decision in decided {
      let replay = try await process.decisions.replay(decision.id)
      #expect(replay.isIdentical)
      let stored = try await process.decisions.stored(decision.id)
      #expect(stored.note == nil)
      #expect(stored.result == replay.result)
      let (answer, result) = (try JSONValue(parsing: decision.answer), try JSONValue(parsing: stored.result.utf8))
      #expect(try answer.text("decision_id") == "\(decision.id)")
      try Self.expect(answer, isPartOf: result)
      let inputs = try JSONValue(parsing: stored.inputs.utf8)
      #expect(try inputs.list("ad_states").count == decision.selection.budgets.count)
      #expect((inputs["history"] != nil) == (decision.selection.policyVersion.hasPrefix("lag_aware")))
    }
    #expect(try await Self.snapshots(test) < decided.count)
  }

  /// Whether the answer says nothing that the result does not say.
  private static func expect(_ answer: JSONValue, isPartOf result: JSONValue) throws {
    for key in answer.keys where !["decision_id", "recommendations"].contains(key) {
      #expect(answer[key] == result[key], "\(key)")
    }
    let (answered, recommended) = (try answer.list("recommendations"), try result.list("recommendations"))
    #expect(answered.count == recommended.count)
    for (answered, recommended) in zip(answered, recommended) {
      #expect(answered["explanation"] == nil)
      #expect(recommended["explanation"] != nil)
      for key in answered.keys { #expect(answered[key] == recommended[key], "\(key)") }
    }
  }

  @Test("Decisions on the same figures share them, whatever else differs")
  func shared() async throws {
    let (test, _) = try await Self.system()
    for number in 1...4 {
      _ = try await test.decide("\(100 * number)") { order in
        order.policy = .lagAware
        order.limitsChange = number.isMultiple(of: 2)
      }
      test.clock.advance(seconds: 977)
    }
    #expect(try await Self.snapshots(test) == 1)
  }

  @Test("Snapshots go with the decisions that are read from them, and those that stay are read as before")
  func retention() async throws {
    var (test, days) = try await Self.system(ads: 3)
    try await test.system.lifecycle.setDecisionRetention(
      DecisionRetention(days: 36_500, count: 5), of: test.account, by: .system)
    var ids: [DecisionID] = []
    for _ in 0..<(64 + 20) {
      try await days.pass(in: test)
      ids.append(try await test.decide("500") { $0.policy = .lagAware }.id)
    }
    #expect(try await Self.snapshots(test) == ids.count)
    #expect(try await test.system.decisions.removeExpired(limit: 1_000) == ids.count - 5)
    let kept = try await Self.snapshots(test)
    #expect(kept < 64 + 5)
    for id in ids.suffix(5) { #expect(try await test.system.decisions.replay(id).isIdentical) }
    try await test.system.lifecycle.setDecisionRetention(
      DecisionRetention(days: 1, count: 5), of: test.account, by: .system)
    test.clock.advance(seconds: 3 * 86_400)
    #expect(try await test.system.decisions.removeExpired(limit: 1_000) == 5)
    #expect(try await Self.snapshots(test) == 0)
    try await days.pass(4, in: test)
    let anew = try await test.decide("500") { $0.policy = .lagAware }
    #expect(try await test.system.decisions.replay(anew.id).isIdentical)
  }

  @Test("A write that fails half-way leaves neither the decision nor its snapshot")
  func halfway() async throws {
    let (test, _) = try await Self.system()
    _ = try await test.system.database.write { try $0.execute("ALTER TABLE decision_outcomes RENAME TO elsewhere") }
    await #expect(throws: DatabaseError.self) { try await test.decide("500") }
    #expect(try await test.rowCounts()["decisions"] == 0)
    #expect(try await Self.snapshots(test) == 0)
    _ = try await test.system.database.write { try $0.execute("ALTER TABLE elsewhere RENAME TO decision_outcomes") }
    let decided = try await test.decide("500")
    #expect(try await test.system.decisions.replay(decided.id).isIdentical)
  }

  @Test("Decisions made side by side are all stored and replay")
  func sideBySide() async throws {
    var (test, days) = try await Self.system()
    _ = try await test.decide("500") { $0.policy = .lagAware }
    try await days.pass(in: test)
    let (system, account, day) = (test.system, test.account, days.day)
    let ids = try await withThrowingTaskGroup(of: DecisionID.self) { group in
      for number in 1...8 {
        group.addTask {
          var order = DecisionService.Order(account: account, totalBudget: Money(micros: 500_000_000))
          // Some on the same figures, some on those of past days.
          if number > 4 { order.day = day.adding(days: -number) }
          order.isRefusedWhenBusy = false
          return try await system.decisions.decide(order).id
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    for id in ids { #expect(try await system.decisions.replay(id).isIdentical) }
    #expect(try await Self.snapshots(test) == 6)
  }

  @Test("A deleted account's snapshots go with it, and an export holds what a replay needs")
  func lifecycle() async throws {
    let (test, _) = try await Self.system()
    _ = try await test.decide("500")
    let lines = Lines()
    try await test.system.lifecycle.export(test.account, by: .system) { table, line in
      lines.add("\(table) " + String(decoding: line, as: UTF8.self))
    }
    for table in ["decisions", "decision_outcomes", "decision_snapshots"] {
      #expect(lines.sorted.count { $0.hasPrefix(table + " ") } == 1)
    }
    let content = lines.sorted.first { $0.hasPrefix("decision_snapshots ") }
    #expect(content?.contains(#""content":"eJ"#) == true, "what zlib packed, in base64")
    let receipt = try await test.system.lifecycle.delete(test.account, by: .system)
    #expect(receipt.rowCounts["decision_snapshots"] == 1)
    #expect(receipt.rowCounts["decision_outcomes"] == 1)
    #expect(try await Self.snapshots(test) == 0)
  }
}

/// Stored decisions that are not what they were.
struct ChangedDecisionTests {
  private static func decided() async throws -> (TestSystem, DecisionService.Decided) {
    let test = try await TestSystem()
    var days = try DecisionDays(seed: 1, ads: 4, from: "2026-04-01")
    try await days.pass(21, in: test)
    return (test, try await test.decide("500") { $0.policy = .lagAware })
  }

  private static func execute(_ sql: SQL, in test: TestSystem) async throws {
    #expect(try await test.system.database.write { try $0.execute(sql) } == 1)
  }

  @Test("A snapshot that is damaged is a fault of the store: it is told as such, and nothing stops")
  func damaged() async throws {
    let (test, decided) = try await Self.decided()
    let bomb = Deflate.pack([UInt8](repeating: 1, count: 300 << 20))
    for (change, told) in [
      ("content = \([UInt8](Array("none".utf8)))" as SQL, "cannot be unpacked (damaged)"),
      ("content = \(bomb)", "cannot be unpacked (tooLarge)"),
      ("content = \(Deflate.pack([1, 2, 3]))", "a column is cut off"),
    ] {
      let intact = try await test.system.database.read { try $0.query("SELECT * FROM decision_snapshots")[0] }
      try await Self.execute("UPDATE decision_snapshots SET \(change)", in: test)
      let error = await #expect(throws: UnreadableRow.self) { try await test.system.decisions.replay(decided.id) }
      #expect("\(error as Any)".contains(told))
      #expect("\(error as Any)".contains("decision_snapshots"))
      await #expect(throws: UnreadableRow.self) { try await test.system.decisions.stored(decided.id) }
      try await test.serving { api in
        let answer = try await api.send(.get, "/api/decisions/\(decided.id)")
        #expect(try answer.refusal().status == 500)
      }
      try await Self.execute(
        "UPDATE decision_snapshots SET content = \(try intact.get("content", as: [UInt8].self))", in: test)
      #expect(try await test.system.decisions.replay(decided.id).isIdentical)
    }
  }

  @Test("A snapshot with another hash than its content's is told as such, and the next one does not go on from it")
  func otherHash() async throws {
    let (test, decided) = try await Self.decided()
    try await Self.execute("UPDATE decision_snapshots SET sha256 = \(String(repeating: "0", count: 64))", in: test)
    let error = await #expect(throws: UnreadableRow.self) { try await test.system.decisions.replay(decided.id) }
    #expect("\(error as Any)".contains("another hash"))
    let next = try await test.decide("600") { $0.policy = .lagAware }
    #expect(try await test.system.decisions.replay(next.id).isIdentical)
    #expect(try await test.number("SELECT COUNT(*) AS value FROM decision_snapshots WHERE base IS NULL") == 2)
  }

  @Test("A decision that comes out differently now is shown as its outcome, and says so")
  func differs() async throws {
    let (test, decided) = try await Self.decided()
    let budgets = decided.selection.budgets.map { Double($0.budget) / 100 }
    for (sql, told) in [
      ("UPDATE decisions SET policy_version = 'lag_aware/9'" as SQL, "lag_aware/9, which this release does not know"),
      (
        "UPDATE decisions SET policy_version = 'lag_aware/1'",
        "the replayed decision differs from the stored one"
      ),
      (
        "UPDATE decisions SET policy_version = 'lag_aware/2', inputs = replace(inputs, '50000', '1')",
        "the decision cannot be replayed"
      ),
    ] {
      try await Self.execute(sql, in: test)
      try await test.serving { api in
        let shown = try await api.send(.get, "/api/decisions/\(decided.id)").done()
        #expect(try shown.text("result_note").contains(told))
        #expect(try shown.number("result.allocated_budget") == 500)
        let recommendations = try shown.list("result.recommendations")
        #expect(try recommendations.map { try $0.number("recommended_budget") } == budgets)
        #expect(recommendations[0].keys == ["ad_id", "recommended_budget", "verdict"])
        #expect(try shown.list("inputs.ad_states").count == budgets.count)
      }
      if let replay = try? await test.system.decisions.replay(decided.id) { #expect(!replay.isIdentical) }
    }
  }

  @Test("A replay tells that an outcome was changed")
  func outcome() async throws {
    let (test, decided) = try await Self.decided()
    #expect(try await test.system.decisions.replay(decided.id).isIdentical)
    let none = Deflate.pack(Array("[]".utf8))
    try await Self.execute("UPDATE decision_outcomes SET recommendations = \(none)", in: test)
    #expect(try await test.system.decisions.replay(decided.id).isIdentical == false)
    try await Self.execute("UPDATE decision_outcomes SET recommendations = \([UInt8]())", in: test)
    await #expect(throws: UnreadableRow.self) { try await test.system.decisions.replay(decided.id) }
  }
}

/// How much a decision adds to the database.
struct DecisionSizeTests {
  @Test("A new day's decision adds little for each ad, and the same again as more of the past comes to lie behind it")
  func size() async throws {
    let (ads, history) = (40, 45)
    let test = try await TestSystem()
    var days = try DecisionDays(seed: 1, ads: ads, from: "2026-03-01")
    try await days.pass(history, in: test)
    var sizes: [Int] = []
    for _ in 0..<10 {
      try await days.pass(restated: 2, in: test)
      let before = try await Self.bytes(test)
      _ = try await test.decide("5000") { $0.policy = .lagAware }
      sizes.append(try await Self.bytes(test) - before)
    }
    let (first, largest) = (sizes[0] / ads, (sizes.dropFirst().max() ?? 0) / ads)
    #expect(largest < 160, "bytes of an ad: \(first), then at most \(largest)")
    #expect(first < 20 * history)
  }

  /// How many bytes all that is stored of decisions has.
  private static func bytes(_ test: TestSystem) async throws -> Int {
    var sum = 0
    for (table, columns) in [
      ("decisions", ["inputs", "configuration", "result"]), ("decision_outcomes", ["recommendations"]),
      ("decision_snapshots", ["content"]),
    ] {
      for column in columns {
        sum += try await test.number(
          SQL(stringLiteral: "SELECT COALESCE(SUM(length(\(column))), 0) AS value FROM \(table)"))
      }
    }
    return sum
  }
}
