import Crypto
import Formats
import Values

/// The videos, images and creatives of the account.
struct GraphLibrary: Sendable {
  /// A video, as far as it has come.
  struct Video: Sendable {
    let id: String
    var title: String
    let size: Int
    let createdAt: Instant
    /// Bytes that have come, in their order.
    var received = 0
    /// Of the bytes so far.
    var hash = SHA256()
    /// Whether all bytes have come.
    var isUploaded = false
    /// How often its state was asked for since: it is ready at the second time.
    var polls = 0

    var isReady: Bool { isUploaded && polls > 1 }
  }

  struct Image: Sendable {
    let hash: String
    let name: String
  }

  struct Creative: Sendable {
    let id: String
    var name: String
    /// What it was made of.
    let parameters: [String: String]
    let content: CreativeContent
  }

  /// How many videos, images and creatives are kept of each.
  private static let limit = 10_000
  /// The most bytes that a chunk of a video has.
  static let chunk = 1 << 20

  private(set) var videos: [String: Video] = [:]
  private(set) var images: [String: Image] = [:]
  private(set) var creatives: [String: Creative] = [:]
  /// The videos that are under way, by their sessions.
  private var sessions: [String: String] = [:]
  private var count: Int64 = 0

  private mutating func nextNumber(_ first: Int64) -> String {
    count += 1
    return "\(first + count)"
  }

  private func checkRoom(_ count: Int) throws(GraphError) {
    guard count < Self.limit else {
      throw .invalid("The sandbox keeps no more than \(Self.limit) of these")
    }
  }

  /// Makes a video of so many bytes, and returns it with the session by which they come.
  mutating func begin(size: Int, title: String, at now: Instant) throws(GraphError) -> (
    Video, session: String
  ) {
    try checkRoom(videos.count)
    let video = Video(id: nextNumber(910_000_000_000_000), title: title, size: size, createdAt: now)
    let session = nextNumber(291_804_000_000_000)
    videos[video.id] = video
    sessions[session] = video.id
    return (video, session)
  }

  func video(ofSession session: String) throws(GraphError) -> Video {
    guard let video = sessions[session].flatMap({ videos[$0] }) else {
      throw .invalid("The upload session is not known", field: "upload_session_id")
    }
    return video
  }

  /// Takes further bytes of a video.
  mutating func append(_ bytes: ArraySlice<UInt8>, to id: String) {
    videos[id]?.received += bytes.count
    videos[id]?.hash.update(data: Array(bytes))
  }

  /// Ends the upload of a video.
  mutating func finish(_ id: String, title: String?) {
    videos[id]?.isUploaded = true
    if let title { videos[id]?.title = title }
  }

  /// Looks at a video, which goes on by that.
  mutating func poll(_ id: String) -> Video? {
    if videos[id]?.isUploaded == true { videos[id]?.polls += 1 }
    return videos[id]
  }

  /// Keeps an image; the same bytes have the same hash.
  mutating func addImage(_ bytes: ArraySlice<UInt8>, named name: String) throws(GraphError) -> Image {
    try checkRoom(images.count)
    let image = Image(
      hash: String(Hex.text(SHA256.hash(data: Array(bytes))).prefix(32)), name: name)
    images[image.hash] = image
    return image
  }

  /// Makes a creative; one that is made of the same is found instead.
  mutating func addCreative(_ parameters: [String: String], _ content: CreativeContent)
    throws(GraphError) -> String
  {
    if let same = creatives.values.first(where: { $0.parameters == parameters }) { return same.id }
    try checkRoom(creatives.count)
    let creative = Creative(
      id: nextNumber(23_850_000_000_400_000), name: parameters["name"] ?? "",
      parameters: parameters, content: content)
    creatives[creative.id] = creative
    return creative.id
  }
}
