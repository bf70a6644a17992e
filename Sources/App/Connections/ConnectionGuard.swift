import NIOCore
import NIOHTTP1
import Values
import Web

/// Sits between HTTP's parser and the program on each connection: enforces ``ConnectionLimits`` on clients, answers
/// `Expect: 100-continue`, refuses requests without exactly one `Host`, and closes connections such that answers
/// arrive.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private let limits: ConnectionLimits
  private let onRefusal: @Sendable (Refusal) -> Void
  private var state = ConnectionState()
  private var answerBytes = 0
  /// A refusal that must wait until earlier requests have been answered.
  private var waitingRefusal: APIError?
  /// A close that must wait until answers have been sent.
  private var waitingClose: (mode: CloseMode, promise: EventLoopPromise<Void>?)?
  /// What the connection waits for, and since when, if that is limited in time.
  private var phase: (now: ConnectionState.Phase, since: NIODeadline?)?
  private var timer: (deadline: NIODeadline, task: Scheduled<Void>)?

  /// `onRefusal` is called for clients that were refused or dropped.
  init(limits: ConnectionLimits, onRefusal: @escaping @Sendable (Refusal) -> Void) {
    self.limits = limits
    self.onRefusal = onRefusal
  }

  func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { watch(context) }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.task.cancel()
    timer = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    watch(context)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.task.cancel()
    timer = nil
    context.fireChannelInactive()
  }

  // MARK: - Inbound

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !state.dropsInput, !state.isClosing else { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      let fields = HeadFields(head)
      state.begin(fields.request)
      guard head.version == .http1_0 || fields.hostCount == 1 else {
        return refuse(
          APIError(.badRequest, "bad_request", "the request must have exactly one Host header"), context)
      }
    case .body(let bytes): state.addBody(bytes.readableBytes)
    case .end: state.endBody()
    }
    context.fireChannelRead(data)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    context.fireChannelReadComplete()
    watch(context)
    // Nobody reads any more: further input is dropped here.
    if state.dropsInput || state.isClosing { context.read() }
  }

  /// An answer that comes piece by piece is written as fast as the client reads it.
  func channelWritabilityChanged(context: ChannelHandlerContext) {
    state.isBlocked = !context.channel.isWritable
    context.fireChannelWritabilityChanged()
    watch(context)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard !state.dropsInput, !state.isClosing else { return }
    if state.requests.isEmpty, error is HTTPParserError { onRefusal(.malformedRequest) }
    failInput(error, context)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is ChannelShouldQuiesceEvent: return drain(context)
    case ChannelEvent.inputClosed:
      if state.isLingering { return context.close(promise: nil) }
      state.dropsInput = true
      state.endBody()
    default: break
    }
    context.fireUserInboundEventTriggered(event)
  }

  /// Makes reading the current request's body fail with `error`, and accepts no more input.
  private func failInput(_ error: any Error, _ context: ChannelHandlerContext) {
    state.dropsInput = true
    state.endBody()
    context.fireErrorCaught(error)
    watch(context)
  }

  /// Refuses the latest request without passing it to the program.
  private func refuse(_ error: APIError, _ context: ChannelHandlerContext) {
    state.dropsInput = true
    state.endBody()
    onRefusal(.malformedRequest)
    if state.requests.count > 1 { waitingRefusal = error } else { answer(error, context) }
  }

  private func answer(_ error: APIError, _ context: ChannelHandlerContext) {
    let body = context.channel.allocator.buffer(bytes: error.body)
    let head = HTTPResponseHead(
      version: .http1_1, status: HTTPResponseStatus(statusCode: error.status.rawValue),
      headers: ["content-type": "application/json", "content-length": "\(body.readableBytes)"])
    for part in [HTTPServerResponsePart.head(head), .body(.byteBuffer(body)), .end(nil)] {
      write(context: context, data: wrapOutboundOut(part), promise: nil)
    }
    flush(context: context)
  }

  // MARK: - Outbound

  func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
    guard event is BodyReadingEvent else { return context.triggerUserOutboundEvent(event, promise: promise) }
    if state.takeContinue() {
      let head = HTTPResponseHead(version: .http1_1, status: .continue)
      context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
    }
    promise?.succeed()
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    guard !state.hasLastAnswer else {
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    switch unwrapOutboundIn(data) {
    case .head(var head):
      answerBytes = 0
      let request = state.beginAnswer(drainedBody: limits.drainedBody)
      guard state.isClosing || request?.isHTTP10 == true else { return context.write(data, promise: promise) }
      head.headers.replaceOrAdd(name: "connection", value: state.isClosing ? "close" : "keep-alive")
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .body(let body):
      answerBytes += body.readableBytes
      context.write(data, promise: promise)
    case .end:
      state.endAnswer(bytes: answerBytes)
      let written = promise ?? context.eventLoop.makePromise()
      let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
      written.futureResult.whenComplete { _ in
        let (handler, context) = bound.value
        handler.answerIsThrough(context)
      }
      context.write(data, promise: written)
    }
  }

  func flush(context: ChannelHandlerContext) {
    context.flush()
    if state.unflushed.answers > 0 { watch(context) }
  }

  /// Closing while answers are being sent would cut them off.
  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    guard state.unflushed.answers > 0, mode != .input else { return context.close(mode: mode, promise: promise) }
    if let waitingClose { promise?.futureResult.cascade(to: waitingClose.promise) }
    waitingClose = (mode, promise)
  }

  private func answerIsThrough(_ context: ChannelHandlerContext) {
    state.flush()
    guard state.unflushed.answers == 0 else { return }
    if let waitingRefusal, state.requests.count == 1 {
      self.waitingRefusal = nil
      answer(waitingRefusal, context)
    } else if let (mode, promise) = waitingClose, mode == .all {
      waitingClose = nil
      context.close(mode: mode, promise: promise)
    } else if state.isClosing || state.isDraining && state.isIdle {
      linger(context)
    }
    watch(context)
  }

  private func linger(_ context: ChannelHandlerContext) {
    state.isLingering = true
    context.close(mode: .output, promise: waitingClose?.promise)
    waitingClose = nil
    context.read()
  }

  // MARK: - Time

  /// Accepts no further request. Requests in progress have their time, and no longer.
  private func drain(_ context: ChannelHandlerContext) {
    state.isDraining = true
    if state.isIdle { return context.close(promise: nil) }
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    let task = context.eventLoop.scheduleTask(in: limits.drain) { bound.value.close(mode: .all, promise: nil) }
    context.channel.closeFuture.whenComplete { _ in task.cancel() }
  }

  /// Records what the connection waits for, and sets a timer for its time limit.
  ///
  /// A timer that fires too early is cheaper than one that is reset for each request: it is moved only where it would
  /// fire too late.
  private func watch(_ context: ChannelHandlerContext) {
    let current = state.phase
    if phase?.now != current { phase = (current, time(for: current) == nil ? nil : context.eventLoop.now) }
    guard let since = phase?.since, let time = time(for: current) else { return }
    let deadline = since + time
    if let timer, timer.deadline <= deadline { return }
    timer?.task.cancel()
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let task = context.eventLoop.scheduleTask(deadline: deadline) {
      let (handler, context) = bound.value
      handler.ring(context)
    }
    timer = (deadline, task)
  }

  private func ring(_ context: ChannelHandlerContext) {
    timer = nil
    if let since = phase?.since, let time = time(for: state.phase), since + time <= context.eventLoop.now {
      expire(context)
    } else {
      watch(context)
    }
  }

  /// The time limit of a phase; nil where it has none.
  private func time(for phase: ConnectionState.Phase) -> TimeAmount? {
    switch phase {
    case .handling: nil
    case .firstHead: limits.firstHead
    case .nextHead: limits.nextHead
    case .body: limits.time(limits.body, for: state.bodyBytes)
    case .answer: limits.time(limits.answer, for: state.unflushed.bytes)
    case .lingering: limits.linger
    }
  }

  private func expire(_ context: ChannelHandlerContext) {
    switch state.phase {
    case .handling: break
    case .nextHead, .lingering: context.close(promise: nil)
    case .firstHead:
      onRefusal(.slowHead)
      context.close(promise: nil)
    case .answer:
      onRefusal(.slowReader)
      context.close(promise: nil)
    case .body where state.requests.isEmpty: context.close(promise: nil)
    case .body:
      failInput(
        APIError(.requestTimeout, "request_timeout", "the body did not arrive in time").counted(as: .slowBody), context)
    }
  }
}

/// What the guard needs from a request's head, found in one pass over its fields.
private struct HeadFields {
  let request: ConnectionState.Request
  private(set) var hostCount = 0

  init(_ head: HTTPRequestHead) {
    var (awaitsContinue, length) = (false, Int?.none)
    for (name, value) in head.headers {
      switch name.utf8.count {
      case 4 where Self.isSame(name, "host"): hostCount += 1
      case 6 where Self.isSame(name, "expect"):
        let expectations = head.headers[canonicalForm: name]
        awaitsContinue = head.version != .http1_0 && expectations.contains { $0.lowercased() == "100-continue" }
      case 14 where length == nil && Self.isSame(name, "content-length"): length = Int(value)
      default: break
      }
    }
    request = ConnectionState.Request(
      keepsAlive: head.isKeepAlive, isHTTP10: head.version == .http1_0, awaitsContinue: awaitsContinue,
      announcedLength: length)
  }

  /// Whether a field's name equals `lowercase`, ignoring case.
  private static func isSame(_ name: String, _ lowercase: StaticString) -> Bool {
    let bytes = UnsafeBufferPointer(start: lowercase.utf8Start, count: lowercase.utf8CodeUnitCount)
    return name.utf8.elementsEqual(bytes) { $0 | 0x20 == $1 }
  }
}
