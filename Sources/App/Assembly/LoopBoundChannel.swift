import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// A connection whose requests are handled on the thread that reads and writes it.
///
/// Otherwise each request is handed to a thread of Swift's pool and back, at the cost of two wake-ups, and busy
/// connections keep others waiting. Handlers are short; what blocks, the database, has threads of its own.
struct LoopBoundChannel<Base: ServerChildChannel>: ServerChildChannel {
  let base: Base

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
    base.setup(channel: channel, logger: logger)
  }

  func handle(value: Base.Value, logger: Logger) async {
    await withTaskExecutorPreference(EventLoopExecutor(loop: value.channel.eventLoop)) {
      await base.handle(value: value, logger: logger)
    }
  }
}

extension HTTPServerBuilder {
  /// HTTP/1.1 with each connection bound to its event loop.
  static var loopBoundHTTP1: HTTPServerBuilder {
    HTTPServerBuilder { responder in LoopBoundChannel(base: HTTP1Channel(responder: responder)) }
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
