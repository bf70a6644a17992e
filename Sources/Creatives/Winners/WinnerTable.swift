import Values

/// What is known of an account's winners by their numbers, besides their embeddings.
///
/// A copy shares what it holds until one of both changes, a block at a time: searches filter by a copy, without a lock,
/// while others add. Numbers are dense, so that most places are taken.
struct WinnerTable: Sendable {
  struct Entry: Sendable {
    let adID: AdID
    let change: Int64
    /// The model of its embedding; nil without one.
    let model: String?
    let facts: WinnerFacts
  }

  private static let blockSize: Int64 = 512
  private var blocks: [[Entry?]] = []
  /// How many winners have an embedding.
  private(set) var embeddedCount = 0

  subscript(number: Int64) -> Entry? {
    guard number > 0, let block = Int(exactly: number / Self.blockSize), block < blocks.count else { return nil }
    return blocks[block][Int(clamping: number % Self.blockSize)]
  }

  /// Takes a change in. Returns what it replaces; nil where there was nothing. One that was taken before is left alone.
  mutating func take(_ change: WinnerChange) {
    guard change.number > 0, let block = Int(exactly: change.number / Self.blockSize) else { return }
    while blocks.count <= block { blocks.append(Array(repeating: nil, count: Int(clamping: Self.blockSize))) }
    let place = Int(clamping: change.number % Self.blockSize)
    if blocks[block][place]?.model != nil { embeddedCount -= 1 }
    if change.model != nil { embeddedCount += 1 }
    blocks[block][place] = Entry(
      adID: change.adID, change: change.change, model: change.model, facts: change.facts)
  }
}
