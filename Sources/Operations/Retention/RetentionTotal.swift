/// What the retention of one kind of row has removed so far, in all processes.
package struct RetentionTotal: Hashable, Sendable {
  /// The retention's name.
  package let name: String
  /// Rows that were removed.
  package let removed: Int
  /// Runs that failed.
  package let failures: Int
}
