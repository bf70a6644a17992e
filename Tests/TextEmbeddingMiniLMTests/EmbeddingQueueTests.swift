import Testing
import TextEmbedding

@testable import TextEmbeddingMiniLM

/// Which texts are computed together, and when.
struct EmbeddingQueueTests {
  private static let short = String(repeating: "a", count: 40)
  private static let long = String(repeating: "a", count: 2_000)

  private static func summary(_ items: [EmbeddingQueue.Item]) -> [[Int]] {
    items.map { [Int($0.request), $0.index] }
  }

  @Test("What several ask for goes together, and what one asks for is shared")
  func shares() throws {
    var queue = EmbeddingQueue()
    for id in 1...3 { try queue.add([Self.short], id: UInt64(id)) }
    #expect(Self.summary(queue.take(shares: 2)) == [[1, 0], [2, 0], [3, 0]])
    #expect(queue.take(shares: 2).isEmpty)
    try queue.add(Array(repeating: Self.short, count: 32), id: 4)
    #expect(queue.take(shares: 2).count == 16)
    #expect(queue.take(shares: 1).count == 16)
    #expect(queue.isEmpty)
  }

  @Test("A long request does not hold up a short one")
  func turns() throws {
    var queue = EmbeddingQueue()
    try queue.add(Array(repeating: Self.long, count: 100), id: 1)
    try queue.add([Self.short], id: 2)
    #expect(Self.summary(queue.take(shares: 2)) == [[1, 0], [1, 1], [1, 2], [1, 3]])
    #expect(Self.summary(queue.take(shares: 2)).first == [2, 0])
  }

  @Test("What is taken away is not computed, and leaves its room")
  func removal() throws {
    var queue = EmbeddingQueue(limits: EmbeddingQueue.Limits(texts: 3, bytes: 1_000, textBytes: 500))
    try queue.add([Self.short, Self.short], id: 1)
    #expect(throws: TextEmbeddingError.self) { try queue.add([Self.short, Self.short], id: 2) }
    queue.remove(1)
    queue.remove(7)
    try queue.add([Self.short, Self.short, Self.short], id: 3)
    #expect(Self.summary(queue.take(shares: 1)) == [[3, 0], [3, 1], [3, 2]])
  }

  @Test("Everything is bounded")
  func bounds() throws {
    var queue = EmbeddingQueue(limits: EmbeddingQueue.Limits(texts: 10, bytes: 100, textBytes: 50))
    #expect(throws: TextEmbeddingError.refused("text 1 has 51 bytes: a text to embed has at most 50")) {
      try queue.add(["", String(repeating: "a", count: 51)], id: 1)
    }
    try queue.add([Self.short, Self.short], id: 2)
    #expect(throws: TextEmbeddingError.busy("2 texts wait to be embedded: ask again in a moment, or with fewer texts"))
    {
      try queue.add([Self.short], id: 3)
    }
  }
}
