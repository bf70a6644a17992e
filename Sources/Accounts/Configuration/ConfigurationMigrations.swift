import Formats
import Storage
import Values

/// Makes one JSON document of a configuration's columns, so that a new setting needs no step of the schema.
package enum ConfigurationMigrations {
  package static let all = [
    Migration("0025_configuration_document") { _ in
      ["ALTER TABLE account_configurations ADD COLUMN configuration \(type: .text) NOT NULL DEFAULT '{}'"]
    },
    Migration("0026_configuration_values", version: "1") { transaction in
      try ConfigurationColumns(transaction).moveIntoDocument()
    },
    Migration("0027_configuration_columns") { _ in
      ConfigurationColumns.all.map { column in
        "ALTER TABLE account_configurations DROP COLUMN \(SQL(stringLiteral: column))"
      }
    },
  ]
}

/// The columns that a configuration had until it became a document, and how each became a member of it.
///
/// What is here does not change with the settings: it is about databases as they were.
private struct ConfigurationColumns {
  private static let amounts = ["aov", "ignorance_zone_spend", "min_spend_for_kill"]
  private static let words = ["currency", "timezone", "mode", "blending_curve", "stage_values"]
  private static let numbers = [
    "ignorance_zone_days", "scale_roas_threshold", "kill_roas_threshold", "max_daily_change", "winner_roas_threshold",
    "winner_ctr_threshold", "exploration",
  ]
  private static let counts = ["figures_warning_days", "figures_limit_days"]

  /// In an order in which they can be dropped: a rule of `scale_roas_threshold` names `kill_roas_threshold`.
  static let all = amounts + words + numbers + counts + ["stages", "crm"]

  private let transaction: any Transaction

  init(_ transaction: any Transaction) {
    self.transaction = transaction
  }

  func moveIntoDocument() throws {
    for row in try transaction.query("SELECT * FROM account_configurations ORDER BY account_id") {
      let account: AccountID = try row.get("account_id")
      try transaction.execute(
        "UPDATE account_configurations SET configuration = \(try document(of: row)) WHERE account_id = \(account)")
    }
  }

  private func document(of row: Row) throws -> String {
    var json = JSONWriter()
    try json.object { json in
      json.member("version", try row.get("version", as: Int.self))
      for name in Self.amounts {
        json.key(name)
        json.value("\(try row.get(name, as: Money.self))")
      }
      for name in Self.words {
        json.key(name)
        json.value(try row.get(name, as: String.self))
      }
      for name in Self.numbers {
        json.key(name)
        json.value(try row.get(name, as: Double.self))
      }
      for name in Self.counts {
        json.key(name)
        json.value(try row.get(name, as: Int.self))
      }
      json.key("stages")
      try stages(row).write(to: &json)
      for member in try members(of: row) {
        json.key(member.key)
        member.value.write(to: &json)
      }
    }
    return json.string
  }

  /// The stages with their amounts as decimal strings.
  private func stages(_ row: Row) throws -> JSONValue {
    guard case .array(let stages) = try JSONReader.read(row.get("stages", as: String.self), { try $0.readValue() })
    else { throw DatabaseError.unreadableColumn("stages") }
    return .array(
      try stages.map { stage in
        guard case .object(let object) = stage else { throw DatabaseError.unreadableColumn("stages") }
        return .object(
          JSONObject(
            object.members.map { member in
              guard member.key == "value", case .number(let text) = member.value, let amount = Money(decimal: text)
              else { return member }
              return JSONObject.Member(key: member.key, value: .string("\(amount)"))
            }))
      })
  }

  /// What was stored of how the account reads its CRM: members of the document now.
  private func members(of row: Row) throws -> [JSONObject.Member] {
    guard case .object(let crm) = try JSONReader.read(row.get("crm", as: String.self), { try $0.readValue() })
    else { throw DatabaseError.unreadableColumn("crm") }
    return crm.members
  }
}
