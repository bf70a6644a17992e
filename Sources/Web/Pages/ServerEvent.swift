import AsyncAlgorithms

/// An event for a browser's `EventSource`.
package struct ServerEvent: Hashable, Sendable {
  package let data: String
  package let name: String?
  package let id: String?

  /// Line breaks and U+0000 in `name` and `id` are removed: they would begin other fields.
  package init(_ data: String, name: String? = nil, id: String? = nil) {
    self.data = data
    self.name = name?.filter(Self.fitsInField)
    self.id = id?.filter(Self.fitsInField)
  }

  private static func fitsInField(_ character: Character) -> Bool { !character.isNewline && character != "\0" }

  /// The event in the stream's format.
  var bytes: [UInt8] {
    var text = ""
    if let name { text += "event: \(name)\n" }
    if let id { text += "id: \(id)\n" }
    for line in data.split(omittingEmptySubsequences: false, whereSeparator: Self.endsLine) {
      text += "data: \(line)\n"
    }
    return Array((text + "\n").utf8)
  }

  private static func endsLine(_ character: Character) -> Bool { ["\n", "\r", "\r\n"].contains(character) }
}

extension Reply {
  /// How often the server sends a sign of life, which also detects clients that are gone.
  package static let eventStreamPause = Duration.seconds(15)

  /// Answers with `text/event-stream`: events as they occur, until there are no more, the client is gone, or the server
  /// stops. A slow reader delays the next event.
  package init(events: some AsyncSequence<ServerEvent, any Error> & Sendable) {
    self.init(
      events: events, ticks: AsyncTimerSequence(interval: Self.eventStreamPause, clock: .continuous).map { _ in })
  }

  /// Each of `ticks` sends a sign of life.
  init(
    events: some AsyncSequence<ServerEvent, any Error> & Sendable, ticks: some AsyncSequence<Void, Never> & Sendable
  ) {
    self.init(
      body: .events(EventPieces(signals: EventPieces.signals(events, ticks))), contentType: "text/event-stream",
      headers: ["Cache-Control": "no-store", "X-Accel-Buffering": "no"])
  }
}

/// The bytes of an event stream. The first are sent at once, so that the client knows that it is connected.
private struct EventPieces: AsyncSequence, Sendable {
  enum Signal: Sendable {
    case event(ServerEvent)
    case tick
    case end
  }

  let signals: any AsyncSequence<Signal, any Error> & Sendable

  /// Ends with the events, even though the ticks continue.
  static func signals(
    _ events: some AsyncSequence<ServerEvent, any Error> & Sendable,
    _ ticks: some AsyncSequence<Void, Never> & Sendable
  ) -> any AsyncSequence<Signal, any Error> & Sendable {
    merge(chain(events.map { Signal.event($0) }, [Signal.end].async), ticks.map { Signal.tick })
  }

  struct AsyncIterator: AsyncIteratorProtocol {
    var signals: any AsyncIteratorProtocol<Signal, any Error>
    var hasBegun = false

    mutating func next() async throws -> [UInt8]? {
      guard hasBegun else {
        hasBegun = true
        return Self.comment
      }
      switch try await signals.next(isolation: nil) {
      case .event(let event): return event.bytes
      case .tick: return Self.comment
      case .end, nil: return nil
      }
    }

    private static let comment = Array(":\n\n".utf8)
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(signals: signals.makeAsyncIterator()) }
}
