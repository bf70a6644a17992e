import Storage
import Synchronization
import Values
import VectorIndex

/// One account's winners in memory: indexes of their embeddings, one for each model, and what they are filtered by.
final class AccountWinners: Sendable {
  /// Makes an index for about so many vectors.
  typealias MakeIndex = @Sendable (_ dimension: Int, _ expectedCount: Int) throws -> any VectorIndex

  private struct State {
    var table = WinnerTable()
    var indexes: [String: any VectorIndex] = [:]
  }

  private let makeIndex: MakeIndex
  /// Which life of the account's name they are of; nil before the first reading.
  private let incarnation = Mutex<String?>(nil)
  private let state = Mutex(State())
  /// The last change that was taken in. Changes are taken in under its lock, one batch after the other.
  private let taken = Mutex<Int64>(0)

  init(makeIndex: @escaping MakeIndex) {
    self.makeIndex = makeIndex
  }

  /// Whether they are of this life of the account's name; that of the first reading is theirs.
  func isOf(_ life: String) -> Bool {
    incarnation.withLock { incarnation in
      if incarnation == nil { incarnation = life }
      return incarnation == life
    }
  }

  /// The number of the last change that was taken in; 0 before the first.
  var lastChange: Int64 { taken.withLock { $0 } }

  /// How many embeddings it holds.
  var count: Int { state.withLock { $0.table.embeddedCount } }

  /// Takes changes in, in their order; those that were taken before are left out. `expectedCount` is how many winners the
  /// account has in all. Throws what the index throws; what was taken in by then stays.
  func take(_ changes: [WinnerChange], expectedCount: Int) throws {
    try taken.withLock { last in
      for change in changes where change.change > last {
        try take(change, expectedCount)
        last = change.change
      }
    }
  }

  private func take(_ change: WinnerChange, _ expectedCount: Int) throws {
    let old = state.withLock { $0.table[change.number]?.model }
    if let model = change.model, let embedding = change.embedding {
      try index(of: model, embedding.count, expectedCount).put(change.number, embedding)
    }
    if let old, old != change.model { state.withLock { $0.indexes[old] }?.remove(change.number) }
    state.withLock { $0.table.take(change) }
  }

  private func index(of model: String, _ dimension: Int, _ expectedCount: Int) throws -> any VectorIndex {
    if let known = state.withLock({ $0.indexes[model] }) { return known }
    let made = try makeIndex(dimension, expectedCount)
    state.withLock { $0.indexes[model] = made }
    return made
  }

  /// What a search looks at.
  struct View: Sendable {
    let table: WinnerTable
    let index: any VectorIndex

    /// The closest winners, closest first and those equally close by number.
    func search(
      _ embedding: [Float], limit: Int, filter: WinnerFilter, except: AdID?
    ) throws -> [(adID: AdID, similarity: Float)] {
      let table = self.table
      let isAllowed: (@Sendable (Int64) -> Bool)?
      if filter.isOpen && except == nil {
        isAllowed = nil
      } else {
        isAllowed = { number in
          guard let entry = table[number] else { return false }
          return entry.adID != except && filter.passes(entry.facts)
        }
      }
      return try index.search(embedding, limit: limit, where: isAllowed).compactMap { match in
        table[match.id].map { (adID: $0.adID, similarity: match.similarity) }
      }
    }
  }

  /// What is there of a model now; nil where it has no embeddings.
  func view(of model: String) -> View? {
    state.withLock { state in state.indexes[model].map { View(table: state.table, index: $0) } }
  }
}
