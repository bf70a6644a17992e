import Hummingbird
import NIOCore

/// The context of a request, with its connection, which must be told some things.
package struct ServerContext: RequestContext {
  /// What every request carries.
  package var coreContext: CoreRequestContextStorage
  private let channel: any Channel

  /// Takes the connection from `source`.
  package init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }

  /// Tells the connection that the request's body is about to be read, so that a client waiting for `100 Continue` gets
  /// it.
  func announceBodyReading() {
    channel.triggerUserOutboundEvent(BodyReadingEvent(), promise: nil)
  }
}

/// An event on a connection: the body of the current request is about to be read.
package struct BodyReadingEvent: Sendable {
  /// Makes the event.
  package init() {}
}
