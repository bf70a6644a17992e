import HummingbirdCore
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Synchronization
import Testing
import Web

@testable import App

/// What a connection allows its client: times by a clock that the test moves, and HTTP's rules on connections.
struct ConnectionGuardTests {
  private static let limits = ConnectionLimits()

  @Test("A connection without a request, and one without the next, is closed in time")
  func idle() throws {
    let fresh = try GuardedConnection()
    fresh.loop.advanceTime(by: Self.limits.firstHead - .milliseconds(1))
    #expect(fresh.closes.isEmpty)
    fresh.loop.advanceTime(by: .milliseconds(1))
    #expect(fresh.closes == [.all])
    #expect(fresh.refusals == [.slowHead])
    let used = try GuardedConnection()
    try used.request()
    used.loop.advanceTime(by: .hours(1))
    #expect(used.closes.isEmpty, "the program has its own time")
    try used.answer()
    used.loop.advanceTime(by: Self.limits.nextHead - .milliseconds(1))
    #expect(used.closes.isEmpty)
    used.loop.advanceTime(by: .milliseconds(1))
    #expect(used.closes == [.all])
    #expect(used.refusals.isEmpty)
  }

  @Test("A body has a time of its own and a least rate; its request is answered 408 and the connection closed")
  func slowBody() throws {
    let connection = try GuardedConnection()
    try connection.head(["content-length": "1000000"])
    connection.loop.advanceTime(by: Self.limits.body - .seconds(1))
    try connection.body(Self.limits.leastRate * 10)
    connection.loop.advanceTime(by: .seconds(10))
    #expect(connection.error == nil)
    connection.loop.advanceTime(by: .seconds(1))
    let error = try #require(connection.error as? APIError)
    #expect(error.status == .requestTimeout)
    #expect(error.refusal == .slowBody)
    try connection.body(10)
    #expect(try connection.answer(.requestTimeout).headers["connection"] == ["close"])
    #expect(connection.closes == [.output])
    connection.loop.advanceTime(by: Self.limits.linger)
    #expect(connection.closes == [.output, .all])
  }

  @Test("The time of a body begins when its request's turn has come")
  func pipelined() throws {
    let connection = try GuardedConnection()
    try connection.request()
    try connection.head(["content-length": "10"])
    connection.loop.advanceTime(by: .hours(1))
    #expect(connection.error == nil)
    try connection.answer()
    connection.loop.advanceTime(by: Self.limits.body - .milliseconds(1))
    #expect(connection.error == nil)
    connection.loop.advanceTime(by: .milliseconds(1))
    #expect(connection.error is APIError)
  }

  @Test("A client that does not take its answer is given up, in a time that grows with the answer")
  func slowReader() throws {
    let connection = try GuardedConnection()
    try connection.request()
    connection.write(bytes: Self.limits.leastRate * 5)
    connection.loop.advanceTime(by: Self.limits.answer + .seconds(5) - .milliseconds(1))
    #expect(connection.closes.isEmpty)
    connection.loop.advanceTime(by: .milliseconds(1))
    #expect(connection.closes == [.all])
    #expect(connection.refusals == [.slowReader])
  }

  @Test("A client that stops reading in the middle of an answer is given up, one that waits for more of it is not")
  func slowReaderOfStream() throws {
    let connection = try GuardedConnection()
    try connection.request()
    connection.beginAnswer()
    connection.loop.advanceTime(by: .hours(1))
    connection.setWritable(false)
    connection.loop.advanceTime(by: Self.limits.answer - .milliseconds(1))
    connection.setWritable(true)
    connection.loop.advanceTime(by: .hours(1))
    #expect(connection.closes.isEmpty)
    connection.setWritable(false)
    connection.loop.advanceTime(by: Self.limits.answer - .milliseconds(1))
    #expect(connection.closes.isEmpty)
    connection.loop.advanceTime(by: .milliseconds(1))
    #expect(connection.closes == [.all])
    #expect(connection.refusals == [.slowReader])
  }

  @Test("100 Continue is sent once the body is wanted, and not where the body is there or the answer was first")
  func expectation() throws {
    let waiting = try GuardedConnection()
    try waiting.head(["content-length": "3", "expect": "100-continue"])
    #expect(try waiting.readOutbound() == nil)
    waiting.wantBody()
    waiting.wantBody()
    guard case .head(let head)? = try waiting.readOutbound() else { return #expect(Bool(false), "no head") }
    #expect(head.status == .continue)
    #expect(try waiting.readOutbound() == nil)
    try waiting.body(3)
    try waiting.end()
    #expect(try waiting.answer().headers["connection"].isEmpty)
    #expect(waiting.closes.isEmpty)

    let eager = try GuardedConnection()
    try eager.head(["content-length": "3", "expect": "100-continue"])
    try eager.body(1)
    eager.wantBody()
    #expect(try eager.readOutbound() == nil)

    let refused = try GuardedConnection()
    try refused.head(["content-length": "3", "expect": "100-continue"])
    #expect(try refused.answer(.unauthorized).headers["connection"] == ["close"])
    refused.wantBody()
    #expect(try refused.readOutbound() == nil)
    #expect(refused.closes == [.output])
  }

  @Test("A request must have exactly one Host, and HTTP/1.0 need not", arguments: [0, 2])
  func host(_ count: Int) throws {
    let connection = try GuardedConnection()
    try connection.request(hosts: count)
    #expect(connection.seen == 0)
    let answer = try connection.readAnswer()
    #expect(answer.status == .badRequest)
    #expect(answer.headers["connection"] == ["close"])
    #expect(connection.closes == [.output])
    let old = try GuardedConnection()
    try old.request(version: .http1_0, hosts: 0)
    #expect(old.seen == 2)
  }

  @Test("A refusal of HTTP waits until earlier requests are answered")
  func refusalInTurn() throws {
    let connection = try GuardedConnection()
    try connection.request()
    try connection.request(hosts: 2)
    #expect(try connection.readOutbound() == nil)
    #expect(try connection.answer().headers["connection"].isEmpty)
    #expect(try connection.readAnswer().status == .badRequest)
    #expect(connection.closes == [.output])
  }

  @Test("HTTP/1.0 ends with its answer unless the client asks to go on")
  func http10() throws {
    let connection = try GuardedConnection()
    try connection.request(version: .http1_0)
    #expect(try connection.answer().headers["connection"] == ["close"])
    #expect(connection.closes == [.output])
    let kept = try GuardedConnection()
    try kept.request(version: .http1_0, ["connection": "keep-alive"])
    #expect(try kept.answer().headers["connection"] == ["keep-alive"])
    #expect(kept.closes.isEmpty)
  }

  @Test("After an answer to a request with much body left the connection is closed; a little is read")
  func bodyLeft() throws {
    let much = try GuardedConnection()
    try much.head(["content-length": "10000000"])
    #expect(try much.answer(.payloadTooLarge).headers["connection"] == ["close"])
    #expect(much.closes == [.output])
    let chunked = try GuardedConnection()
    try chunked.head(["transfer-encoding": "chunked"])
    #expect(try chunked.answer(.unauthorized).headers["connection"] == ["close"])
    let little = try GuardedConnection()
    try little.head(["content-length": "10"])
    #expect(try little.answer(.unauthorized).headers["connection"].isEmpty)
    try little.body(10)
    try little.end()
    try little.request()
    #expect(try little.answer().status == .ok)
    #expect(little.closes.isEmpty)
  }

  @Test("What breaks HTTP reaches whoever reads the body, and nothing after it is taken")
  func malformed() throws {
    let connection = try GuardedConnection()
    try connection.head(["transfer-encoding": "chunked"])
    connection.channel.pipeline.fireErrorCaught(HTTPParserError.invalidChunkSize)
    #expect(connection.error is HTTPParserError)
    #expect(try connection.answer(.badRequest).headers["connection"] == ["close"])
    let fresh = try GuardedConnection()
    fresh.channel.pipeline.fireErrorCaught(HTTPParserError.invalidMethod)
    #expect(fresh.refusals == [.malformedRequest])
    #expect(try fresh.answer(.badRequest).headers["connection"] == ["close"])
    #expect(fresh.closes == [.output])
  }

  @Test("A request after one that asked to close is not taken")
  func afterLast() throws {
    let connection = try GuardedConnection()
    try connection.request(["connection": "close"])
    try connection.request()
    #expect(connection.seen == 2)
    #expect(try connection.answer().headers["connection"] == ["close"])
  }

  @Test("Draining closes what is idle at once, finishes what is under way, and has an end")
  func drain() throws {
    let idle = try GuardedConnection()
    idle.drain()
    #expect(idle.closes == [.all])

    let busy = try GuardedConnection()
    try busy.request()
    busy.drain()
    #expect(busy.closes.isEmpty)
    #expect(try busy.answer().headers["connection"] == ["close"])
    #expect(busy.closes == [.output])

    let answering = try GuardedConnection()
    try answering.request()
    answering.write(bytes: 10_000_000)
    answering.drain()
    answering.channel.close(promise: nil)
    #expect(answering.closes.isEmpty, "the answer would be cut")
    answering.channel.flush()
    #expect(answering.closes == [.all])

    let stuck = try GuardedConnection()
    try stuck.head(["content-length": "100"])
    try stuck.body(1)
    stuck.drain()
    stuck.loop.advanceTime(by: Self.limits.drain - .milliseconds(1))
    #expect(stuck.closes.isEmpty)
    stuck.loop.advanceTime(by: .milliseconds(1))
    #expect(stuck.closes.last == .all)
  }

  @Test("Connections are counted against a bound that follows from the limit of open files")
  func count() {
    let refusals = Collected()
    var count = ConnectionCount(limit: 2) { refusals.add($0) }
    count.connectionOpened()
    #expect(count.isAcceptingNewConnections())
    count.connectionOpened()
    #expect(!count.isAcceptingNewConnections())
    #expect(refusals.all == [.tooManyConnections])
    count.connectionClosed()
    #expect(count.isAcceptingNewConnections())
    #expect(OpenFiles.connections(ofLimit: 1_024) == 896)
    #expect(OpenFiles.connections(ofLimit: 100) == 50)
    #expect(OpenFiles.connections(ofLimit: 1_000_000) == 10_000)
  }
}

/// A connection with a guard, whose program is the test.
private final class GuardedConnection {
  let channel = EmbeddedChannel()
  private let network = Network()
  private let program = Program()
  private let collected = Collected()

  var loop: EmbeddedEventLoop { channel.embeddedEventLoop }
  var closes: [CloseMode] { network.closes }
  var error: (any Error)? { program.error }
  var seen: Int { program.parts }
  var refusals: [Refusal] { collected.all }

  init() throws {
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(network)
    try pipeline.addHandler(
      ConnectionGuard(limits: ConnectionLimits()) { [collected] in collected.add($0) })
    try pipeline.addHandler(program)
    channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
  }

  func request(version: HTTPVersion = .http1_1, hosts: Int = 1, _ headers: HTTPHeaders = [:]) throws {
    try head(version: version, hosts: hosts, headers)
    try end()
  }

  func head(version: HTTPVersion = .http1_1, hosts: Int = 1, _ headers: HTTPHeaders) throws {
    var headers = headers
    for _ in 0..<hosts { headers.add(name: "host", value: "localhost") }
    try send(.head(HTTPRequestHead(version: version, method: .POST, uri: "/", headers: headers)))
  }

  func body(_ count: Int) throws {
    try send(.body(ByteBuffer(repeating: 0x20, count: count)))
  }

  func end() throws {
    try send(.end(nil))
  }

  private func send(_ part: HTTPServerRequestPart) throws {
    channel.pipeline.fireChannelRead(part)
    channel.pipeline.fireChannelReadComplete()
  }

  func wantBody() {
    channel.triggerUserOutboundEvent(BodyReadingEvent(), promise: nil)
  }

  func drain() {
    channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
  }

  /// Writes an answer as the program does, without sending it.
  func write(_ status: HTTPResponseStatus = .ok, bytes: Int) {
    channel.write(
      HTTPServerResponsePart.head(
        HTTPResponseHead(version: .http1_1, status: status, headers: ["content-length": "\(bytes)"])), promise: nil)
    channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(repeating: 0x20, count: bytes))), promise: nil)
    channel.write(HTTPServerResponsePart.end(nil), promise: nil)
    // What the socket does not take stays, and somebody looks at the clock.
    channel.pipeline.fireChannelReadComplete()
  }

  /// Sends the head of an answer whose body comes later.
  func beginAnswer() {
    channel.writeAndFlush(HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .ok)), promise: nil)
  }

  /// Has the socket take no more, or take more again.
  func setWritable(_ isWritable: Bool) {
    channel.isWritable = isWritable
    channel.pipeline.fireChannelWritabilityChanged()
  }

  /// Writes an answer and sends it; returns its head as it left.
  @discardableResult
  func answer(_ status: HTTPResponseStatus = .ok) throws -> HTTPResponseHead {
    write(status, bytes: 2)
    channel.flush()
    return try readAnswer()
  }

  func readOutbound() throws -> HTTPServerResponsePart? {
    try channel.readOutbound()
  }

  /// The head of the answer that left first; its other parts are taken too.
  func readAnswer() throws -> HTTPResponseHead {
    var head: HTTPResponseHead?
    while let part = try readOutbound() {
      if case .head(let found) = part { head = found }
      if case .end = part { break }
    }
    return try #require(head)
  }

  /// Keeps in which ways the connection was closed.
  private final class Network: ChannelOutboundHandler {
    typealias OutboundIn = HTTPServerResponsePart

    var closes: [CloseMode] = []

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
      closes.append(mode)
      promise?.succeed()
    }
  }

  /// Keeps what came to the program.
  private final class Program: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart

    var parts = 0
    var error: (any Error)?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      parts += 1
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      self.error = error
    }
  }
}

/// Refusals in their order.
private final class Collected: Sendable {
  private let refusals = Mutex<[Refusal]>([])

  var all: [Refusal] { refusals.withLock { $0 } }

  func add(_ refusal: Refusal) {
    refusals.withLock { $0.append(refusal) }
  }
}
