import Formats
import RemoteAPIs
import Values

/// The steps of a launch that upload the video.
extension LaunchRunner {
  /// How often an upload is begun before a person must look at it.
  private static let mostUploads = 3
  /// How long a video may take to arrive, in seconds.
  private static let uploadSeconds: Int64 = 86_400
  /// How long Meta may take to prepare a video, in seconds.
  private static let processingSeconds: Int64 = 2 * 3_600
  /// How long until a video's state is read again, in seconds.
  private static let pollSeconds: Int64 = 30

  /// Checks that the ad set exists, and begins the upload.
  mutating func begin() async throws {
    let adSet = try await client.object(MetaAdSet.self, launch.order.adSetID)
    guard adSet.status == .active || adSet.status == .paused else {
      throw LaunchHalt.failed("ad set \(adSet.id) is \(adSet.status.text.lowercased()) at Meta", resume: .requested)
    }
    guard launch.uploads < Self.mostUploads else {
      throw LaunchHalt.failed("the upload was begun \(launch.uploads) times without success", resume: .requested)
    }
    guard case .file(let path, let stamp) = launch.order.video else {
      launch.move(to: .uploading, at: now)
      return try await save()
    }
    try check(path, stamp)
    try await saveBeforeWriting()
    // An upload that is begun and not continued creates no video, so it need not be looked for.
    let upload = try await client.beginVideo(size: stamp.size)
    launch.move(to: .uploading, at: now)
    (launch.videoID, launch.sessionID, launch.window) = (upload.videoID, upload.sessionID, upload.window)
    launch.uploads += 1
    try await save()
  }

  /// Sends the bytes of the video that Meta wants next, or ends the upload; Meta itself fetches a video from a URL.
  mutating func upload() async throws {
    switch launch.order.video {
    case .address(let address):
      let title = launch.label
      launch.videoID = try await makeOnce(
        find: { client async throws(MetaError) in try await client.videos(titled: title) },
        make: { client, deadline async throws(MetaError) in
          try await client.addVideo(from: address, title: title, leavingBy: deadline)
        })
      try await finishUpload()
    case .file(let path, let stamp):
      guard let session = launch.sessionID, let window = launch.window else { return try await beginAgain() }
      guard now < launch.stateSince.adding(seconds: Self.uploadSeconds) else {
        throw LaunchHalt.failed("the video has not arrived within a day", resume: .requested)
      }
      if window.isOver(of: stamp.size) {
        try await finish(session)
      } else {
        try check(path, stamp)
        try await send(window, of: session, path, stamp)
      }
    }
  }

  private mutating func finishUpload() async throws {
    launch.move(to: .processing, at: now)
    (launch.sessionID, launch.window) = (nil, nil)
    try await save()
  }

  /// The file must be the one for which the launch was requested: parts of it may have been sent already.
  private func check(_ path: String, _ stamp: FileStamp) throws {
    do {
      guard try FileStamp(of: path) == stamp else {
        throw LaunchHalt.failed(
          "\(path) was changed since the launch was requested: request another launch", resume: .requested)
      }
    } catch let error as FileError {
      throw LaunchHalt.failed("the worker cannot read the video: \(error)", resume: launch.state)
    }
  }

  private mutating func send(
    _ window: MetaUploadWindow, of session: MetaID, _ path: String, _ stamp: FileStamp
  ) async throws {
    let end = min(window.end, stamp.size)
    let sent = MetaUploadWindow(start: window.start, end: end)
    try await saveBeforeWriting()
    do {
      let next = try await client.sendVideo(
        sent, of: session, named: "video.mp4", FilePieces(path: path, from: sent.start, to: sent.end))
      if next.start <= sent.start { try await repeatLater(MetaError(.unavailable, "Meta wants the same bytes again")) }
      repeats = next.start > sent.start ? 0 : repeats
      launch.window = next
    } catch let error as MetaError {
      switch error.kind {
      // The same bytes may be sent again.
      case .outcomeUnknown, .unavailable: try await repeatLater(error)
      case .invalid, .notFound: try await settleUpload()
      default: throw error
      }
    }
    if launch.state == .uploading { try await save() }
  }

  /// How often bytes are sent again immediately.
  private static let mostRepeats = 5

  private mutating func repeatLater(_ error: MetaError) async throws {
    repeats += 1
    guard repeats < Self.mostRepeats else {
      throw MetaError(.unavailable, "the same bytes were sent \(repeats) times: \(error.message)")
    }
    try await service.sleep(.seconds(1 << repeats))
  }

  /// Ends the upload. Whatever the reply, the video's state tells whether it has arrived.
  private mutating func finish(_ session: MetaID) async throws {
    try await saveBeforeWriting()
    do {
      try await client.finishVideo(session, title: launch.label)
      try await finishUpload()
    } catch let error as MetaError where [.outcomeUnknown, .invalid, .notFound].contains(error.kind) {
      guard try await hasCome() else {
        guard error.kind != .outcomeUnknown else { return try await repeatLater(error) }
        return try await beginAgain()
      }
      try await finishUpload()
    }
  }

  private mutating func settleUpload() async throws {
    if try await hasCome() { try await finishUpload() } else { try await beginAgain() }
  }

  private func hasCome() async throws -> Bool {
    guard let id = launch.videoID else { return false }
    let client = try client
    do throws(MetaError) {
      return try await client.video(id).isUploaded
    } catch {
      guard error.kind == .notFound else { throw error }
      return false
    }
  }

  /// The session has ended: the video is sent again from the beginning.
  private mutating func beginAgain() async throws {
    launch.move(to: .requested, at: now)
    try await save()
  }

  /// Waits until the video is ready, and determines the picture shown before it plays.
  mutating func prepare() async throws {
    guard let id = launch.videoID else { return try await beginAgain() }
    let video = try await client.video(id)
    guard !video.isLost else {
      let why = video.problems.isEmpty ? "it is \(video.status)" : video.problems.joined(separator: "; ")
      throw LaunchHalt.failed("Meta cannot use the video: \(why)", resume: .requested)
    }
    guard video.isReady, let thumbnail = try await thumbnail(of: id) else {
      guard now < launch.stateSince.adding(seconds: Self.processingSeconds) else {
        throw LaunchHalt.failed("Meta has not prepared the video within two hours", resume: .processing)
      }
      throw LaunchHalt.waits(
        until: now.adding(seconds: Self.pollSeconds),
        "Meta prepares the video\(video.progress.map { ": \($0) %" } ?? "")")
    }
    launch.move(to: .creative, at: now)
    launch.thumbnail = thumbnail
    try await save()
  }

  /// The longest URL of a picture that is stored, in bytes.
  private static let longestAddress = 4_000

  /// The given picture, otherwise the one that Meta prefers; nil where there is none yet.
  private mutating func thumbnail(of video: MetaID) async throws -> MetaCreativeDraft.Thumbnail? {
    guard let path = launch.order.thumbnailPath else {
      let pictures = try await client.thumbnails(of: video).filter { $0.address.utf8.count <= Self.longestAddress }
      return (pictures.first(where: \.isPreferred) ?? pictures.first).map { .address($0.address) }
    }
    let bytes: [UInt8]
    do {
      let size = try FileStamp(of: path).size
      guard (1...LaunchOrder.largestThumbnail).contains(size) else {
        throw LaunchHalt.failed(
          "the thumbnail must have 1 to \(LaunchOrder.largestThumbnail) bytes, and has \(size)", resume: launch.state)
      }
      bytes = try await FilePieces.read(path, from: 0, count: Int(size))
    } catch let error as FileError {
      throw LaunchHalt.failed("the worker cannot read the thumbnail: \(error)", resume: launch.state)
    }
    try await saveBeforeWriting()
    let suffix = path.split(separator: ".").last.map { $0.lowercased() } == "png" ? "png" : "jpg"
    return .hash(try await client.addImage(bytes, named: "\(launch.label).\(suffix)"))
  }
}
