import VectorIndex

/// Where winners are searched, and how much of them is kept in memory.
package struct WinnerSearchSettings: Sendable {
  /// Where winners are searched.
  package enum Place: String, Sendable, CaseIterable {
    /// In memory; in the database where it can, once an account has more winners than memory is given.
    case automatic
    case memory
    /// By pgvector, where the database has it; else in memory.
    case database
  }

  package var place = Place.automatic
  /// How many accounts' winners are kept in memory, at least 1.
  package var accountLimit = 64
  /// How many embeddings are kept in memory over all accounts; a single account may have more. Each takes about 1.6 kB.
  package var vectorLimit = 200_000
  /// Makes an index for about so many vectors.
  let makeIndex: @Sendable (_ dimension: Int, _ expectedCount: Int) throws -> any VectorIndex
  /// What a search among so many vectors costs, in microseconds.
  let searchCost: @Sendable (_ count: Int) -> Int

  /// Searches by indexes that `makeIndex` makes.
  package init(
    makeIndex: @escaping @Sendable (_ dimension: Int, _ expectedCount: Int) throws -> any VectorIndex = {
      dimension, _ in ExactIndex(dimension: dimension)
    }, searchCost: @escaping @Sendable (_ count: Int) -> Int = { $0 / 20 }
  ) {
    self.makeIndex = makeIndex
    self.searchCost = searchCost
  }
}
