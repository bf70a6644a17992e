import Testing

@testable import Web

/// Streams of events, byte by byte.
struct ServerEventTests {
  private struct Broken: Error {}

  private func text(_ event: ServerEvent) -> String { String(decoding: event.bytes, as: UTF8.self) }

  @Test("An event is its fields line by line, and nothing in it begins another")
  func fields() {
    #expect(text(ServerEvent("a")) == "data: a\n\n")
    #expect(text(ServerEvent("")) == "data: \n\n")
    #expect(
      text(ServerEvent("a\nb\r\nc\rd\n", name: "moved", id: "7"))
        == "event: moved\nid: 7\ndata: a\ndata: b\ndata: c\ndata: d\ndata: \n\n")
    #expect(text(ServerEvent("a", name: "x\ndata: y", id: "1\r\n\02")) == "event: xdata: y\nid: 12\ndata: a\n\n")
  }

  /// The pieces of a reply's body, as text.
  private func pieces(of reply: Reply) async throws -> [String] {
    guard case .events(let pieces) = reply.body else {
      Issue.record("the reply is no stream of events")
      return []
    }
    var texts: [String] = []
    for try await piece in pieces { texts.append(String(decoding: piece, as: UTF8.self)) }
    return texts
  }

  @Test("The stream begins at once and ends with its events, whatever the clock does")
  func end() async throws {
    let events = AsyncThrowingStream<ServerEvent, any Error> { continuation in
      continuation.yield(ServerEvent("a"))
      continuation.yield(ServerEvent("b"))
      continuation.finish()
    }
    let reply = Reply(events: events, ticks: AsyncStream<Void> { _ in })
    #expect(reply.contentType == "text/event-stream")
    #expect(reply.headers["Cache-Control"] == "no-store")
    #expect(try await pieces(of: reply) == [":\n\n", "data: a\n\n", "data: b\n\n"])
  }

  @Test("While nothing happens the client is shown that the server is there")
  func ticks() async throws {
    let (events, event) = AsyncThrowingStream.makeStream(of: ServerEvent.self, throwing: (any Error).self)
    let (ticks, tick) = AsyncStream.makeStream(of: Void.self)
    guard case .events(let pieces) = Reply(events: events, ticks: ticks).body else { return }
    var iterator = pieces.makeAsyncIterator()
    var texts: [String] = []
    for step in 0..<4 {
      switch step {
      case 1, 2: tick.yield()
      case 3: event.yield(ServerEvent("a"))
      default: break
      }
      texts.append(String(decoding: try await iterator.next(isolation: nil) ?? [], as: UTF8.self))
    }
    #expect(texts == [":\n\n", ":\n\n", ":\n\n", "data: a\n\n"])
  }

  @Test("What goes wrong in the source breaks the stream off")
  func failure() async throws {
    let events = AsyncThrowingStream<ServerEvent, any Error> { $0.finish(throwing: Broken()) }
    await #expect(throws: Broken.self) {
      _ = try await pieces(of: Reply(events: events, ticks: AsyncStream<Void> { _ in }))
    }
  }
}
