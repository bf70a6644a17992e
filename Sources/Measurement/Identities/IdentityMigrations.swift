import Storage

/// Brings the names that things are known by into their canonical form, where earlier releases stored them as they came.
///
/// Two spellings of one name become one thing: Swift takes them for equal, while the database told them apart.
package enum IdentityMigrations {
  package static let all = [
    Migration("0021_canonical_ids", version: "1") { transaction in try IdentityMerge(transaction).run() }
  ]
}
