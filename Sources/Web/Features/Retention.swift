/// Rows of one kind that are removed once they are no longer needed, a batch at a time.
package struct Retention: Sendable {
  /// What is removed, in one word: the label of the metrics.
  package let name: String
  /// The time from the start of one run to the start of the next, over all processes.
  package let interval: Duration
  /// How many rows are removed in one transaction, at least 1.
  package let batch: Int
  /// Removes at most `limit` rows and returns how many it removed; fewer than `limit` where none are left.
  package let remove: @Sendable (_ limit: Int) async throws -> Int

  package init(
    _ name: String, every interval: Duration, batch: Int, remove: @escaping @Sendable (_ limit: Int) async throws -> Int
  ) {
    self.name = name
    self.interval = interval
    self.batch = max(1, batch)
    self.remove = remove
  }
}
