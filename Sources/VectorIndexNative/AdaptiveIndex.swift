import Dispatch
import Synchronization
import VectorIndex

/// Exact while that is fast, a graph from ``crossover`` vectors on.
///
/// The graph is made in the background when there are enough vectors; until it holds everything that the exact index
/// holds, searches go to that one. It stays when vectors are removed later: a graph compares everything, too, where
/// there are few vectors or few pass the filter.
package final class AdaptiveIndex: VectorIndex {
  /// From how many vectors on following the graph is worth building it: docs/vector-index.md has the measurement.
  package static let defaultCrossover = 10_000

  package let dimension: Int
  private let crossover: Int
  private let parameters: HNSWParameters
  private let inBackground: @Sendable (@escaping @Sendable () -> Void) -> Void
  private let state: Mutex<State>

  private struct State {
    enum Phase {
      case small
      /// The graph is being made of what the exact index held.
      case growing
      /// The graph could not be made, for want of memory say.
      case exactForGood
    }

    var exact: ExactIndex
    var phase = Phase.small
    /// What has changed while the graph is being made.
    var changed: Set<Int64> = []
    /// Takes the place of the exact index once it is there.
    var graph: HNSWIndex?

    var inUse: any VectorIndex {
      if let graph { return graph }
      return exact
    }
  }

  /// An empty index.
  ///
  /// - Parameters:
  ///   - dimension: components of its vectors, at least 1.
  ///   - crossover: how many vectors a graph is made for.
  ///   - parameters: of the graph.
  ///   - inBackground: runs what takes minutes for a large index, on a thread that may be busy for that long.
  package init(
    dimension: Int, crossover: Int = AdaptiveIndex.defaultCrossover, parameters: HNSWParameters = HNSWParameters(),
    inBackground: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void = AdaptiveIndex.onDispatchQueue
  ) {
    self.dimension = max(dimension, 1)
    self.crossover = max(crossover, 1)
    self.parameters = parameters
    self.inBackground = inBackground
    state = Mutex(State(exact: ExactIndex(dimension: self.dimension)))
  }

  /// An index of what a file holds. One with a graph is used as it is; the others are treated as if put one by one.
  /// Throws a ``VectorIndexError``.
  package convenience init(
    _ contents: IndexContents, crossover: Int = AdaptiveIndex.defaultCrossover,
    parameters: HNSWParameters = HNSWParameters(),
    inBackground: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void = AdaptiveIndex.onDispatchQueue
  ) throws(VectorIndexError) {
    self.init(
      dimension: contents.dimension, crossover: crossover, parameters: parameters, inBackground: inBackground)
    if contents.graph != nil {
      let index = try HNSWIndex(contents, parameters: parameters)
      state.withLock { $0.graph = index }
    } else {
      for (row, id) in contents.ids.enumerated() {
        try put(id, Array(contents.components[(row * dimension)..<((row + 1) * dimension)]))
      }
    }
  }

  /// A queue of Dispatch's, whose threads may block.
  package static let onDispatchQueue: @Sendable (@escaping @Sendable () -> Void) -> Void = { work in
    DispatchQueue.global(qos: .utility).async(execute: work)
  }

  package var count: Int { current.count }

  /// Whether searches follow a graph already.
  package var hasGraph: Bool { current is HNSWIndex }

  package func put(_ id: Int64, _ vector: [Float]) throws(VectorIndexError) {
    let isLarge = try change(id) { index throws(VectorIndexError) in try index.put(id, vector) }
    if isLarge { grow() }
  }

  package func remove(_ id: Int64) {
    // A removal does not make an index larger, and those below do not throw.
    _ = try? change(id) { $0.remove(id) }
  }

  package func search(
    _ vector: [Float], limit: Int, where isAllowed: (@Sendable (Int64) -> Bool)?
  ) throws(VectorIndexError) -> [VectorMatch] {
    try current.search(vector, limit: limit, where: isAllowed)
  }

  /// All that the index holds, with its graph if it has one. Throws a ``VectorIndexError``.
  package func contents() throws(VectorIndexError) -> IndexContents {
    switch current {
    case let index as HNSWIndex: return try index.contents()
    case let index as ExactIndex: return try index.contents()
    default: throw .failed("this index cannot be copied")
    }
  }

  private var current: any VectorIndex {
    state.withLock { $0.inUse }
  }

  /// Changes the index in use, and says whether a graph is to be made now.
  ///
  /// The lock is held while an exact index is changed, which takes microseconds, so that no change falls between it and
  /// the graph that takes its place. A graph is changed without it.
  private func change(
    _ id: Int64, _ body: (any VectorIndex) throws(VectorIndexError) -> Void
  ) throws(VectorIndexError) -> Bool {
    let graph = state.withLock { $0.graph }
    if let graph {
      try body(graph)
      return false
    }
    return try state.withLock { state throws(VectorIndexError) -> Bool in
      // The graph may have taken over in between; that it is changed under the lock here is as good.
      try body(state.inUse)
      if state.phase == .growing { state.changed.insert(id) }
      guard state.phase == .small, state.graph == nil, state.exact.count >= crossover else { return false }
      state.phase = .growing
      return true
    }
  }

  private func grow() {
    inBackground { [self] in
      let exact = state.withLock { $0.exact }
      do {
        try catchUp(makeGraph(of: exact), with: exact)
      } catch {
        state.withLock {
          $0.phase = .exactForGood
          $0.changed = []
        }
      }
    }
  }

  private func makeGraph(of exact: ExactIndex) throws -> HNSWIndex {
    let graph = try HNSWIndex(dimension: dimension, parameters: parameters)
    try graph.reserve(exact.count + exact.count / 4)
    try exact.forEach { id, vector in try graph.put(id, Array(vector)) }
    return graph
  }

  /// Puts into the graph what has changed meanwhile, round by round: each takes less time, so that less changes. The
  /// last few are put under the lock, and the graph takes over.
  private func catchUp(_ graph: HNSWIndex, with exact: ExactIndex) throws(VectorIndexError) {
    while true {
      let changed = try state.withLock { state throws(VectorIndexError) -> Set<Int64> in
        let changed = state.changed
        state.changed = []
        guard changed.count <= 16 else { return changed }
        try update(graph, changed, from: exact)
        state.graph = graph
        state.phase = .small
        state.exact = ExactIndex(dimension: dimension)
        return []
      }
      if changed.isEmpty { return }
      try update(graph, changed, from: exact)
    }
  }

  private func update(_ graph: HNSWIndex, _ ids: Set<Int64>, from exact: ExactIndex) throws(VectorIndexError) {
    for id in ids {
      if let vector = exact.vector(id) {
        try graph.put(id, vector)
      } else {
        graph.remove(id)
      }
    }
  }
}
