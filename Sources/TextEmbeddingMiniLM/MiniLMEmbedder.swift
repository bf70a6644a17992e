import Foundation
import Synchronization
import TextEmbedding

/// The embedder that needs no service: all-MiniLM-L6-v2, computed in this process.
///
/// It computes on threads of its own, which begin with the first text, and so does loading the model. See
/// `docs/embeddings.md`.
package final class MiniLMEmbedder: TextEmbedder {
  package static let model = EmbeddingModel(name: "all-MiniLM-L6-v2", dimension: MiniLMShape.width)

  package var model: EmbeddingModel { Self.model }
  private let threads: EmbeddingThreads

  /// Finds the model in the folder `all-MiniLM-L6-v2` of `modelsFolder`, once it is needed, and computes on `threads`
  /// threads, at least 1.
  package init(
    modelsFolder: String, threads: Int = ProcessInfo.processInfo.activeProcessorCount
  ) {
    let folder = "\(modelsFolder)/\(Self.model.name)"
    self.threads = EmbeddingThreads(count: threads) { () throws(TextEmbeddingError) in
      try MiniLMModel(folder: folder)
    }
  }

  deinit {
    threads.stop()
  }

  /// A vector for each text, in order; of a text, the first 256 word pieces count. An empty text has a vector, too.
  ///
  /// Throws a ``TextEmbeddingError``, and `CancellationError` where the task is cancelled.
  package func embed(_ texts: [String]) async throws -> [[Float]] {
    texts.isEmpty ? [] : try await threads.embed(texts)
  }
}

/// Threads that compute what waits in an ``EmbeddingQueue``.
final class EmbeddingThreads: Sendable {
  private struct Request {
    var vectors: [[Float]]
    var missing: Int
    let continuation: CheckedContinuation<[[Float]], any Error>
  }

  private struct State {
    var queue = EmbeddingQueue()
    var requests: [EmbeddingQueue.RequestID: Request] = [:]
    var lastID: EmbeddingQueue.RequestID = 0
    var hasThreads = false
    var isStopped = false
  }

  private let count: Int
  private let load: @Sendable () throws(TextEmbeddingError) -> MiniLMModel
  private let state = Mutex(State())
  private let model = Mutex(MiniLMModel?.none)
  private let signal = DispatchSemaphore(value: 0)

  init(count: Int, load: @escaping @Sendable () throws(TextEmbeddingError) -> MiniLMModel) {
    self.count = max(1, count)
    self.load = load
  }

  /// Ends the threads. Nobody may wait for vectors.
  func stop() {
    state.withLock { $0.isStopped = true }
    for _ in 0..<count { signal.signal() }
  }

  func embed(_ texts: [String]) async throws -> [[Float]] {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    return try await withTaskCancellationHandler {
      try Task.checkCancellation()
      return try await withCheckedThrowingContinuation { add(texts, id, $0) }
    } onCancel: {
      end(id, with: CancellationError())
    }
  }

  private func add(
    _ texts: [String], _ id: EmbeddingQueue.RequestID, _ continuation: CheckedContinuation<[[Float]], any Error>
  ) {
    let (refusal, startsThreads) = state.withLock { state -> (TextEmbeddingError?, Bool) in
      do throws(TextEmbeddingError) {
        try state.queue.add(texts, id: id)
      } catch {
        return (error, false)
      }
      state.requests[id] = Request(
        vectors: Array(repeating: [], count: texts.count), missing: texts.count, continuation: continuation)
      defer { state.hasThreads = true }
      return (nil, !state.hasThreads)
    }
    if let refusal { return continuation.resume(throwing: refusal) }
    if startsThreads { startThreads() }
    // A task that was cancelled before its request was added was told in vain.
    if Task.isCancelled { end(id, with: CancellationError()) }
    for _ in 0..<min(count, texts.count) { signal.signal() }
  }

  private func end(_ id: EmbeddingQueue.RequestID, with error: any Error) {
    let request = state.withLock { state in
      state.queue.remove(id)
      return state.requests.removeValue(forKey: id)
    }
    request?.continuation.resume(throwing: error)
  }

  private func startThreads() {
    for number in 0..<count {
      let thread = Thread { [self] in run() }
      thread.name = "embedding \(number)"
      thread.start()
    }
  }

  private func run() {
    #if os(Linux)
      // Connections come first. On Linux a priority is a thread's own: 0 is the thread that calls.
      setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
    #endif
    var workspace = Workspace()
    while !state.withLock({ $0.isStopped }) {
      let items = state.withLock { $0.queue.take(shares: count) }
      if items.isEmpty {
        signal.wait()
      } else {
        compute(items, in: &workspace)
      }
    }
  }

  private func compute(_ items: [EmbeddingQueue.Item], in workspace: inout Workspace) {
    do throws(TextEmbeddingError) {
      let vectors = try loaded().embed(items.map(\.text), in: &workspace)
      for continuation in place(vectors, of: items) { continuation() }
    } catch {
      for id in Set(items.map(\.request)) { end(id, with: error) }
    }
  }

  /// The model. The first thread loads it while the others wait; what failed is tried again with the next texts.
  private func loaded() throws(TextEmbeddingError) -> MiniLMModel {
    try model.withLock { model throws(TextEmbeddingError) in
      if let model { return model }
      let loaded = try load()
      model = loaded
      return loaded
    }
  }

  /// Gives vectors to their requests, and returns what tells those that are complete.
  private func place(_ vectors: [[Float]], of items: [EmbeddingQueue.Item]) -> [() -> Void] {
    state.withLock { state in
      var ended: [() -> Void] = []
      for (item, vector) in zip(items, vectors) {
        // A request that was cancelled is gone.
        guard let index = state.requests.index(forKey: item.request) else { continue }
        state.requests.values[index].vectors[item.index] = vector
        state.requests.values[index].missing -= 1
        guard state.requests.values[index].missing == 0 else { continue }
        let request = state.requests.remove(at: index).value
        ended.append { request.continuation.resume(returning: request.vectors) }
      }
      return ended
    }
  }
}
