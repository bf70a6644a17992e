import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import Web

/// A connection whose requests are handled on the thread that reads and writes it, behind a ``ConnectionGuard``.
///
/// Otherwise each request would be passed to a thread of Swift's pool and back, at the cost of two wake-ups, and busy
/// connections would delay others. Handlers are short: what blocks, the database, has its own threads, and so have long
/// computations.
struct LoopBoundChannel: ServerChildChannel {
  let base: HTTP1Channel
  let limits: ConnectionLimits
  let onRefusal: @Sendable (Refusal) -> Void

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
    base.setup(channel: channel, logger: logger).flatMapThrowing { value in
      let pipeline = channel.pipeline.syncOperations
      let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
      try pipeline.addHandler(
        ConnectionGuard(limits: limits, onRefusal: onRefusal), position: .after(parser))
      return value
    }
  }

  func handle(value: HTTP1Channel.Value, logger: Logger) async {
    await withTaskExecutorPreference(EventLoopExecutor(loop: value.channel.eventLoop)) {
      await base.handle(value: value, logger: logger)
    }
  }
}

extension HTTPServerBuilder {
  /// HTTP/1.1 with each connection bound to its event loop and subject to `limits`; `onRefusal` is called for clients
  /// that violate them.
  package static func loopBoundHTTP1(
    _ limits: ConnectionLimits = ConnectionLimits(), onRefusal: @escaping @Sendable (Refusal) -> Void
  ) -> HTTPServerBuilder {
    HTTPServerBuilder { responder in
      LoopBoundChannel(base: HTTP1Channel(responder: responder), limits: limits, onRefusal: onRefusal)
    }
  }
}

/// Runs tasks on an event loop.
private final class EventLoopExecutor: TaskExecutor {
  private let loop: any EventLoop

  init(loop: any EventLoop) {
    self.loop = loop
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
