import TextEmbedding

/// Which texts wait for their vectors, and which are computed together.
///
/// Texts of several requests go together: a batch takes much less time than its texts one by one. Requests take turns,
/// so that a short one does not wait for a long one to end.
struct EmbeddingQueue {
  typealias RequestID = UInt64

  /// A text with its place among the vectors of its request.
  struct Item: Equatable {
    let request: RequestID
    let index: Int
    let text: String
  }

  struct Limits {
    /// The most texts that wait.
    var texts = 20_000
    /// The most bytes of texts that wait.
    var bytes = 64 << 20
    /// The most bytes of one text. No more than 256 pieces of it count, but all of it may have to be looked at.
    var textBytes = 1 << 20
  }

  private struct Request {
    let id: RequestID
    let texts: [String]
    var next = 0
  }

  private let limits: Limits
  private var requests: [Request] = []
  private var waitingTexts = 0
  private var waitingBytes = 0
  /// About how many pieces the texts that wait have.
  private var waitingPieces = 0

  init(limits: Limits = Limits()) {
    self.limits = limits
  }

  var isEmpty: Bool { requests.isEmpty }

  /// Adds a request with at least one text. Throws `refused` for a text that is too long, and `busy` where too much
  /// waits already.
  mutating func add(_ texts: [String], id: RequestID) throws(TextEmbeddingError) {
    if let index = texts.firstIndex(where: { $0.utf8.count > limits.textBytes }) {
      throw .refused(
        "text \(index) has \(texts[index].utf8.count) bytes: a text to embed has at most \(limits.textBytes)")
    }
    let bytes = texts.reduce(0) { $0 + $1.utf8.count }
    guard waitingTexts + texts.count <= limits.texts, waitingBytes + bytes <= limits.bytes else {
      throw .busy("\(waitingTexts) texts wait to be embedded: ask again in a moment, or with fewer texts")
    }
    requests.append(Request(id: id, texts: texts))
    for text in texts { count(text, 1) }
  }

  /// Takes about one of `shares` equal parts of what waits, but no less than is quick together and no more than a batch
  /// has room for. Empty where nothing waits.
  mutating func take(shares: Int) -> [Item] {
    let share = (waitingPieces + shares - 1) / max(1, shares)
    let room = min(max(share, Self.smallestBatch), Encoder.batchLimit)
    var items: [Item] = []
    var pieces = 0
    while pieces < room, var request = requests.first {
      requests.removeFirst()
      while pieces < room, request.next < request.texts.count {
        let text = request.texts[request.next]
        items.append(Item(request: request.id, index: request.next, text: text))
        pieces += Self.pieces(text)
        count(text, -1)
        request.next += 1
      }
      if request.next < request.texts.count { requests.append(request) }
    }
    return items
  }

  /// Takes away what still waits of a request.
  mutating func remove(_ id: RequestID) {
    guard let index = requests.firstIndex(where: { $0.id == id }) else { return }
    let request = requests.remove(at: index)
    for text in request.texts[request.next...] { count(text, -1) }
  }

  private mutating func count(_ text: String, _ sign: Int) {
    waitingTexts += sign
    waitingBytes += sign * text.utf8.count
    waitingPieces += sign * Self.pieces(text)
  }

  /// About as many pieces as English has; other texts have up to four times as many.
  private static func pieces(_ text: String) -> Int { min(text.utf8.count / 4 + 2, WordPieceTokenizer.limit) }

  /// Pieces below which a batch is hardly quicker for being smaller.
  private static let smallestBatch = 64
}
