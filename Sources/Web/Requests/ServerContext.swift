import Hummingbird
import NIOCore

/// What a request carries beside itself: its connection, for what the connection must be told.
package struct ServerContext: RequestContext {
  /// What every request carries.
  package var coreContext: CoreRequestContextStorage
  private let channel: any Channel

  /// Takes the connection from `source`.
  package init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }

  /// Tells the connection that the request's body is going to be read, so that a client that waits for
  /// `100 Continue` gets it.
  func announceBodyReading() {
    channel.triggerUserOutboundEvent(BodyReadingEvent(), promise: nil)
  }
}

/// An event on a connection: the body of the present request is going to be read.
package struct BodyReadingEvent: Sendable {
  /// Makes the event.
  package init() {}
}
