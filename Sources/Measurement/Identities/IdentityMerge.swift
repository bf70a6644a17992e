import Accounts
import DecisionEngine
import Storage
import Values

/// Merges all spellings. A second run finds nothing to do.
struct IdentityMerge {
  private let transaction: any Transaction

  init(_ transaction: any Transaction) {
    self.transaction = transaction
  }

  func run() throws {
    let stages = StageMerge(transaction)
    try stages.mergeDocuments()
    var changed = try stages.mergeStages()
    for spelling in try spellings(of: "ad_id", in: AdMerge.tables) {
      try AdMerge(spelling, transaction).merge()
      changed.insert(spelling.account)
    }
    for spelling in try spellings(of: "deal_id", in: DealMerge.tables) {
      try DealMerge(spelling, transaction).merge()
      changed.insert(spelling.account)
    }
    for spelling in try spellings(of: "click_id", in: ["clicks", "awaited_clicks"]) {
      try ClickMerge(spelling, transaction).merge()
    }
    for account in changed.sorted() {
      try forgetFunnel(of: account)
      try DealWorth(of: account, transaction).recount()
    }
  }

  private func spellings(of column: String, in tables: [String]) throws -> [Spelling] {
    try Set(tables.flatMap { try Spelling.all(of: column, in: $0, transaction) }).sorted()
  }

  /// The counts of the funnel are rebuilt when they are next needed.
  private func forgetFunnel(of account: AccountID) throws {
    for table in ["funnel_states", "funnel_steps", "funnel_logs"] {
      try transaction.execute("DELETE FROM \(SQL(stringLiteral: table)) WHERE account_id = \(account)")
    }
  }
}

/// A name as stored, byte by byte.
struct Spelling: Hashable, Comparable {
  let account: AccountID
  let name: String

  var canonical: String { name.canonical }

  /// The values of a column that differ from their canonical form.
  static func all(of column: String, in table: String, _ transaction: any Transaction) throws -> [Spelling] {
    let name = SQL(stringLiteral: column)
    return try transaction.query(
      """
      SELECT DISTINCT account_id, \(name) AS name FROM \(SQL(stringLiteral: table))
      WHERE \(SQLText.isBeyondASCII(name, transaction.dialect)) ORDER BY account_id, name
      """
    ).map { Spelling(account: try $0.get("account_id"), name: try $0.get("name")) }.filter { !$0.name.isCanonical }
  }

  static func == (left: Spelling, right: Spelling) -> Bool {
    left.account == right.account && left.name.utf8.elementsEqual(right.name.utf8)
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(account)
    for byte in name.utf8 { hasher.combine(byte) }
  }

  static func < (left: Spelling, right: Spelling) -> Bool {
    left.account == right.account
      ? left.name.utf8.lexicographicallyPrecedes(right.name.utf8) : left.account < right.account
  }
}

/// Fragments of SQL for text.
enum SQLText {
  /// Whether a text has characters beyond ASCII.
  static func isBeyondASCII(_ text: SQL, _ dialect: Dialect) -> SQL {
    switch dialect {
    case .sqlite: "\(text) GLOB '*[^' || char(1) || '-' || char(127) || ']*'"
    case .postgresql: "\(text) ~ '[^\\x01-\\x7f]'"
    }
  }

  static func joined(_ parts: [SQL], by separator: SQL) -> SQL {
    parts.dropFirst().reduce(parts.first ?? "") { "\($0)\(separator)\($1)" }
  }
}

/// Recomputes the worth of the deals of an account's ads by the account's stages.
struct DealWorth {
  private let account: AccountID
  private let transaction: any Transaction

  init(of account: AccountID, _ transaction: any Transaction) {
    self.account = account
    self.transaction = transaction
  }

  func recount() throws {
    let text: String? = try transaction.first(
      "SELECT CAST(stages AS TEXT) AS stages FROM account_configurations WHERE account_id = \(account)"
    )?.get("stages")
    guard let text else { return }
    let stages = try StageCoding.read(text)
    var worth: [String: PipelineTotals] = [:]
    try transaction.forEach(
      "SELECT ad_id, stage, amount FROM deals WHERE account_id = \(account) AND ad_id IS NOT NULL"
    ) { row in
      guard let stage = stages.stage(named: try row.get("stage")) else { return }
      let amount: Money? = try row.getOptional("amount")
      try worth[try row.get("ad_id"), default: .zero].add(
        pipelineValue: SyntheticRevenue.value(of: stage, amount: amount),
        cashRevenue: SyntheticRevenue.cash(of: stage, amount: amount))
    }
    for row in try transaction.query("SELECT ad_id FROM ad_states WHERE account_id = \(account) ORDER BY ad_id") {
      let adID: String = try row.get("ad_id")
      let totals = worth[adID] ?? .zero
      try transaction.execute(
        """
        UPDATE ad_states
        SET deal_pipeline_value = \(totals.pipelineValue), deal_cash_revenue = \(totals.cashRevenue)
        WHERE account_id = \(account) AND ad_id = \(adID)
        """)
    }
  }
}
