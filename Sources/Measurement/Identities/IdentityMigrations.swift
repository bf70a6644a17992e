import Storage

/// Brings names that earlier releases stored as received into canonical form.
///
/// Two spellings of one name are merged: Swift considers them equal, while the database distinguished them.
package enum IdentityMigrations {
  package static let all = [
    Migration("0021_canonical_ids", version: "1") { transaction in try IdentityMerge(transaction).run() }
  ]
}
