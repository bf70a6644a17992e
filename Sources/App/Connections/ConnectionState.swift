import NIOCore

/// What a connection is doing: which requests wait for their answers, and what it waits for now.
struct ConnectionState {
  /// A request whose answer is not written yet.
  struct Request {
    /// Whether the client wants the connection to go on after it.
    let keepsAlive: Bool
    /// Whether it came as HTTP/1.0, whose clients must be told that the connection goes on.
    let isHTTP10: Bool
    /// Whether the client waits for `100 Continue` before it sends the body.
    var awaitsContinue: Bool
    /// The length of the body that was announced; nil for none or a chunked one.
    let announcedLength: Int?
  }

  /// What a connection waits for, and how long it may.
  enum Phase: Equatable {
    /// The first request's head.
    case firstHead
    /// The next request's head.
    case nextHead
    /// The rest of the present request's body.
    case body
    /// The program's answer.
    case handling
    /// The client's taking of an answer.
    case answer
    /// The client's closing.
    case lingering
  }

  /// The requests without an answer, the present one first.
  private(set) var requests: CircularBuffer<Request> = []
  /// Whether the body of the last request that began is still to come.
  private(set) var isReadingBody = false
  /// Bytes of that body.
  private(set) var bodyBytes = 0
  /// Whether a request has begun.
  private(set) var hasBegun = false
  /// Whether what comes in is dropped: it breaks HTTP, or comes after a request that was to be the last.
  var dropsInput = false
  /// Whether the connection closes once the answer that is being written is through.
  var isClosing = false
  /// Whether the connection takes no further request.
  var isDraining = false
  /// Whether the last answer is written. Later requests may have been handed over before; they are not answered.
  private(set) var hasLastAnswer = false
  /// Whether the answer is through, and the server's side is closed.
  var isLingering = false
  /// Whether the client has yet to take what was written of an answer, before more of it is written.
  var isBlocked = false
  /// Answers that were written and not taken by the client yet, and their bytes.
  private(set) var unflushed = (answers: 0, bytes: 0)

  /// The present phase.
  var phase: Phase {
    if isLingering { return .lingering }
    if unflushed.answers > 0 || isBlocked { return .answer }
    // A body that comes while an earlier request is being answered has its time when its turn comes.
    if isReadingBody, requests.count <= 1 { return .body }
    if !requests.isEmpty { return .handling }
    return hasBegun ? .nextHead : .firstHead
  }

  /// Whether nothing is under way.
  var isIdle: Bool { phase == .firstHead || phase == .nextHead }

  /// A request's head came.
  mutating func begin(_ request: Request) {
    requests.append(request)
    hasBegun = true
    isReadingBody = true
    bodyBytes = 0
  }

  /// A part of a body came.
  mutating func addBody(_ count: Int) {
    bodyBytes += count
    if requests.count == 1 { requests[requests.startIndex].awaitsContinue = false }
  }

  /// The body is whole, or no more of it comes.
  mutating func endBody() {
    isReadingBody = false
    if let last = requests.last, !last.keepsAlive { dropsInput = true }
  }

  /// Whether `100 Continue` is to be sent now that the program wants the body; it is sent once.
  mutating func takeContinue() -> Bool {
    guard requests.count == 1, isReadingBody, requests[requests.startIndex].awaitsContinue else { return false }
    requests[requests.startIndex].awaitsContinue = false
    return true
  }

  /// An answer begins. Returns the request it is for; nil for one that could not be read.
  mutating func beginAnswer(drainedBody limit: Int) -> Request? {
    let request = requests.first
    if request?.keepsAlive != true || isDraining || dropsInput && requests.count <= 1 { isClosing = true }
    if isReadingBody, requests.count <= 1, !restIsShort(request, limit) { isClosing = true }
    return request
  }

  private func restIsShort(_ request: Request?, _ limit: Int) -> Bool {
    guard let request, let length = request.announcedLength, !request.awaitsContinue else { return false }
    return length - bodyBytes <= limit
  }

  /// An answer is written: `bytes` of body.
  mutating func endAnswer(bytes: Int) {
    _ = requests.popFirst()
    unflushed.answers += 1
    unflushed.bytes += bytes
    guard isClosing else { return }
    hasLastAnswer = true
    requests.removeAll()
  }

  /// An answer was taken by the client.
  mutating func flush() {
    unflushed.answers -= 1
    if unflushed.answers == 0 { unflushed.bytes = 0 }
  }
}
