import HTTPTypes
import RemoteAPIs
import Synchronization

/// A transport without a network: answers as its script says, in order, and remembers what it was asked.
final class ScriptedTransport: HTTPTransport {
  private struct State {
    var script: [Result<HTTPAnswer, TransportError>]
    var calls: [HTTPCall] = []
  }

  private let state: Mutex<State>

  convenience init(_ script: Result<HTTPAnswer, TransportError>...) {
    self.init(script: script)
  }

  init(script: [Result<HTTPAnswer, TransportError>]) {
    state = Mutex(State(script: script))
  }

  convenience init(repeating result: Result<HTTPAnswer, TransportError>, count: Int) {
    self.init(script: Array(repeating: result, count: count))
  }

  var calls: [HTTPCall] { state.withLock(\.calls) }

  /// Where the script is at its end, no host is reached.
  func send(_ call: HTTPCall) async throws(TransportError) -> HTTPAnswer {
    let result = state.withLock { state in
      state.calls.append(call)
      return state.script.isEmpty ? .failure(.connectionFailed("the script is at its end")) : state.script.removeFirst()
    }
    return try result.get()
  }
}

extension Result where Success == HTTPAnswer, Failure == TransportError {
  /// An answer with a body of text.
  static func answer(_ status: Int, _ body: String, _ headers: [String: String] = [:]) -> Self {
    var answer = HTTPAnswer(status: status, body: Array(body.utf8))
    for (name, value) in headers {
      if let name = HTTPField.Name(name) { answer.headers[name] = value }
    }
    return .success(answer)
  }
}

extension HTTPBody {
  /// The bytes of a body that is held whole; none of one that is not.
  var held: [UInt8] {
    if case .bytes(let bytes) = self { bytes } else { [] }
  }
}
