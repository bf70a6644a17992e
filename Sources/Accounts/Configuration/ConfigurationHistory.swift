import Formats
import Storage
import Values

/// A version of an account's configuration as it was stored.
package struct ConfigurationVersion: Hashable, Sendable {
  /// Its number, from 1.
  package let version: Int
  /// Since when it applied.
  package let changedAt: Instant
  /// Who made it: a key's id, `cli:USER`, `system`, or `unknown` for a version older than this history.
  package let changedBy: String
}

/// The SQL of the configuration history.
struct ConfigurationHistoryRepository {
  private static let table = StoredTable("account_configuration_versions", key: "account_id", "version")
  let settings: AccountSettings

  func append(
    _ configuration: AccountConfiguration, of account: AccountID, at now: Instant, by actor: String,
    in transaction: any Transaction
  ) throws {
    try transaction.execute(
      """
      INSERT INTO account_configuration_versions (account_id, version, configuration, changed_at, changed_by)
      VALUES (
        \(account), \(configuration.version), \(settings.text(configuration)), \(now), \(actor))
      """)
  }

  /// The account's versions, newest first, those before `version`.
  func list(
    of account: AccountID, before version: Int?, limit: Int, in transaction: any Transaction
  ) throws -> [ConfigurationVersion] {
    let condition: SQL = version.map { " AND version < \($0)" } ?? ""
    return try transaction.query(
      """
      SELECT version, changed_at, changed_by FROM account_configuration_versions
      WHERE account_id = \(account)\(condition) ORDER BY version DESC LIMIT \(limit)
      """
    ).map(version(from:))
  }

  /// A version as in answers; nil where the account has no such version.
  func get(
    _ version: Int, of account: AccountID, in transaction: any Transaction
  ) throws -> (version: ConfigurationVersion, configuration: JSONValue)? {
    try transaction.first(
      "SELECT * FROM account_configuration_versions WHERE account_id = \(account) AND version = \(version)"
    ).map { row in
      let version = try self.version(from: row)
      return try Self.table.read(row) { row in
        (version, try settings.answer(stored: row.get("configuration")))
      }
    }
  }

  /// The accounts whose current configuration is not in the history, with the moment since which it applies.
  func unrecorded(in transaction: any Transaction) throws -> [(account: AccountID, since: Instant)] {
    try transaction.query(
      """
      SELECT c.account_id, c.updated_at FROM account_configurations c
      WHERE NOT EXISTS (
        SELECT 1 FROM account_configuration_versions v
        WHERE v.account_id = c.account_id AND v.version = c.version)
      ORDER BY c.account_id
      """
    ).map { (try $0.get("account_id"), try $0.get("updated_at")) }
  }

  private func version(from row: Row) throws -> ConfigurationVersion {
    ConfigurationVersion(
      version: try row.get("version"), changedAt: try row.get("changed_at"), changedBy: try row.get("changed_by"))
  }
}
