import BlobStorage
import Formats
import Foundation
import HTTPTypes
import RemoteAPIs
import Synchronization
import Values

/// A made-up Cloud Storage in memory that speaks the JSON API: preconditions, checksums, pages, and chunks that must be
/// multiples of 256 KiB. It is a transport of its own, or it is served; what goes wrong is said before each call.
package final class FakeCloudStorage: HTTPTransport {
  /// What goes wrong with a call.
  package enum Fault: Hashable, Sendable {
    /// It is refused, and nothing is done.
    case status(Int)
    /// The connection breaks before anything is done.
    case reset
    /// It is carried out, and the answer is lost.
    case lostAnswer
    /// Of the body that is sent, or of an upload, so many bytes arrive; then the connection breaks.
    case broken(after: Int)
    /// A byte of the body of the answer is another one.
    case damaged
    /// Before it is carried out, somebody else writes the object.
    case otherWriter
    /// The session is forgotten before it is carried out.
    case forgotten
  }

  /// Which calls a fault is for.
  package enum Operation: Hashable, Sendable {
    case get, list, delete, download, insert, begin, chunk, state
  }

  struct Object: Sendable {
    var bytes: [UInt8]
    var generation: Int64
    var contentType: String
    var metadata: [String: String]
  }

  struct Session: Sendable {
    var name: String
    var expected: Int64?
    var contentType: String
    var metadata: [String: String]
    var bytes: [UInt8] = []
    var complete: Object?
  }

  struct State: Sendable {
    var buckets: Set<String>
    var objects: [String: Object] = [:]
    var sessions: [String: Session] = [:]
    var lastGeneration: Int64 = 1_795_343_715_579_000
    var faults: [(operation: Operation, fault: Fault)] = []
    var calls: [HTTPCall] = []
  }

  let state: Mutex<State>
  let pageSize: Int

  /// `pageSize` is the most objects of a page, whatever is asked for.
  package init(bucket: String? = "fake-bucket", pageSize: Int = 1_000) {
    state = Mutex(State(buckets: Set(bucket.map { [$0] } ?? [])))
    self.pageSize = pageSize
  }

  /// Lets the next call of an operation that has no fault yet go wrong.
  package func failNext(_ operation: Operation, _ fault: Fault) {
    state.withLock { $0.faults.append((operation, fault)) }
  }

  /// Faults that no call has met.
  package var openFaults: Int { state.withLock(\.faults.count) }

  /// What was called so far.
  package var calls: [HTTPCall] { state.withLock(\.calls) }

  /// The bytes of an object; nil for none.
  package func bytes(of name: String) -> [UInt8]? { state.withLock { $0.objects[name]?.bytes } }

  /// The generation of an object; nil for none.
  package func generation(of name: String) -> Int64? { state.withLock { $0.objects[name]?.generation } }

  package func send(_ call: HTTPCall) async throws(TransportError) -> HTTPAnswer {
    let body: [UInt8]
    do {
      body = try await call.body.collected()
    } catch {
      throw .connectionFailed("\(error)")
    }
    let reply = reply(to: FakeRequest(call, body), call)
    if let cut = reply.cut { throw cut == 0 ? .connectionFailed("reset by the fake") : .truncated }
    return reply.answer
  }

  package func download(
    _ call: HTTPCall, receive: @escaping @Sendable ([UInt8]) async throws -> Void
  ) async throws -> HTTPAnswer {
    let reply = reply(to: FakeRequest(call, []), call)
    guard (200...299).contains(reply.answer.status) else { return reply.answer }
    guard reply.answer.body.count <= call.largestAnswer else {
      try await receive(Array(reply.answer.body.prefix(call.largestAnswer)))
      throw TransportError.tooLarge(limit: call.largestAnswer)
    }
    var rest = reply.answer.body.prefix(reply.cut ?? .max)
    while !rest.isEmpty {
      try await receive(Array(rest.prefix(100_000)))
      rest = rest.dropFirst(100_000)
    }
    if let cut = reply.cut { throw cut == 0 ? TransportError.connectionFailed("reset") : TransportError.truncated }
    return HTTPAnswer(status: reply.answer.status, headers: reply.answer.headers)
  }

  /// An answer, and after how many bytes of its body the connection breaks; nil for none of that.
  struct Reply {
    var answer: HTTPAnswer
    var cut: Int?
  }

  /// Carries a request out, with what is meant to go wrong.
  func reply(to request: FakeRequest, _ call: HTTPCall) -> Reply {
    state.withLock { state in
      state.calls.append(call)
      guard let operation = request.operation,
        let index = state.faults.firstIndex(where: { $0.operation == operation })
      else { return Reply(answer: Self.answer(to: request, &state, pageSize)) }
      let fault = state.faults.remove(at: index).fault
      return Self.reply(to: request, fault, &state, pageSize)
    }
  }

  private static func reply(
    to request: FakeRequest, _ fault: Fault, _ state: inout State, _ pageSize: Int
  ) -> Reply {
    var request = request
    switch fault {
    case .status(let status): return Reply(answer: .error(status, "made up", "backendError"))
    case .reset: return Reply(answer: HTTPAnswer(status: 200), cut: 0)
    case .lostAnswer: return Reply(answer: answer(to: request, &state, pageSize), cut: 0)
    case .broken(let count) where request.operation == .chunk:
      request.keepOnly(count)
      return Reply(answer: answer(to: request, &state, pageSize), cut: 0)
    case .broken(let count): return Reply(answer: answer(to: request, &state, pageSize), cut: count)
    case .damaged:
      var answer = answer(to: request, &state, pageSize)
      if !answer.body.isEmpty { answer.body[answer.body.count / 2] ^= 1 }
      return Reply(answer: answer)
    case .otherWriter:
      if let name = request.objectName ?? request.session.flatMap({ state.sessions[$0]?.name }) {
        state.store(Object(bytes: [0], generation: 0, contentType: "text/plain", metadata: [:]), name)
      }
    case .forgotten: if let session = request.session { state.sessions[session] = nil }
    }
    return Reply(answer: answer(to: request, &state, pageSize))
  }
}

extension FakeCloudStorage.State {
  /// Gives an object its generation and its place.
  @discardableResult
  mutating func store(_ object: FakeCloudStorage.Object, _ name: String) -> FakeCloudStorage.Object {
    lastGeneration += 1
    var object = object
    object.generation = lastGeneration
    objects[name] = object
    return object
  }
}

extension HTTPBody {
  /// All bytes, read as they would be sent.
  func collected() async throws -> [UInt8] {
    switch self {
    case .bytes(let bytes): return bytes
    case .stream(_, let pieces):
      var bytes: [UInt8] = []
      for try await piece in pieces { bytes += piece }
      return bytes
    }
  }
}
