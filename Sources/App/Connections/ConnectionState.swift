import NIOCore

/// The state of a connection: which requests wait for their answers, and what it waits for now.
struct ConnectionState {
  /// A request whose answer has not been written yet.
  struct Request {
    /// Whether the client wants to keep the connection after it.
    let keepsAlive: Bool
    /// Whether it is HTTP/1.0, whose clients must be told that the connection is kept.
    let isHTTP10: Bool
    /// Whether the client waits for `100 Continue` before it sends the body.
    var awaitsContinue: Bool
    /// The announced length of the body; nil for none or a chunked one.
    let announcedLength: Int?
  }

  /// What a connection waits for, which determines the time limit.
  enum Phase: Equatable {
    /// The first request's head.
    case firstHead
    /// The next request's head.
    case nextHead
    /// The rest of the current request's body.
    case body
    /// The program's answer.
    case handling
    /// The client reading an answer.
    case answer
    /// The client closing the connection.
    case lingering
  }

  /// The requests without an answer, the current one first.
  private(set) var requests: CircularBuffer<Request> = []
  /// Whether the body of the last request that began is still to come.
  private(set) var isReadingBody = false
  /// Bytes of that body.
  private(set) var bodyBytes = 0
  /// Whether a request has begun.
  private(set) var hasBegun = false
  /// Whether input is dropped: it is malformed, or comes after a request that was to be the last.
  var dropsInput = false
  /// Whether the connection closes once the current answer has been sent.
  var isClosing = false
  /// Whether the connection accepts no further request.
  var isDraining = false
  /// Whether the last answer has been written. Later requests that were already passed on are not answered.
  private(set) var hasLastAnswer = false
  /// Whether the answer has been sent, and the server's side is closed.
  var isLingering = false
  /// Whether the client must read what was written of an answer before more of it is written.
  var isBlocked = false
  /// Answers that were written but not read by the client yet, and their bytes.
  private(set) var unflushed = (answers: 0, bytes: 0)

  /// The present phase.
  var phase: Phase {
    if isLingering { return .lingering }
    if unflushed.answers > 0 || isBlocked { return .answer }
    // The body of a request that follows one still being answered gets its time when that one is answered.
    if isReadingBody, requests.count <= 1 { return .body }
    if !requests.isEmpty { return .handling }
    return hasBegun ? .nextHead : .firstHead
  }

  /// Whether nothing is in progress.
  var isIdle: Bool { phase == .firstHead || phase == .nextHead }

  /// A request's head has arrived.
  mutating func begin(_ request: Request) {
    requests.append(request)
    hasBegun = true
    isReadingBody = true
    bodyBytes = 0
  }

  /// A part of a body has arrived.
  mutating func addBody(_ count: Int) {
    bodyBytes += count
    if requests.count == 1 { requests[requests.startIndex].awaitsContinue = false }
  }

  /// The body is complete, or no more of it arrives.
  mutating func endBody() {
    isReadingBody = false
    if let last = requests.last, !last.keepsAlive { dropsInput = true }
  }

  /// Whether to send `100 Continue` now that the program wants the body; it is sent once.
  mutating func takeContinue() -> Bool {
    guard requests.count == 1, isReadingBody, requests[requests.startIndex].awaitsContinue else { return false }
    requests[requests.startIndex].awaitsContinue = false
    return true
  }

  /// An answer begins. Returns the request that it is for; nil for one that could not be read.
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

  /// An answer has been written, with `bytes` of body.
  mutating func endAnswer(bytes: Int) {
    _ = requests.popFirst()
    unflushed.answers += 1
    unflushed.bytes += bytes
    guard isClosing else { return }
    hasLastAnswer = true
    requests.removeAll()
  }

  /// The client has read an answer.
  mutating func flush() {
    unflushed.answers -= 1
    if unflushed.answers == 0 { unflushed.bytes = 0 }
  }
}
