import Formats
import Values

/// Videos and pictures for ads. Each of these calls is sent once; what may be sent again, and what has to be looked for
/// first, is said with each.
extension MetaClient {
  /// Begins to send a video of `size` bytes in chunks. One that was begun and is never finished is no video, so that it
  /// may be begun again whatever became of the call.
  package func beginVideo(size: Int64) async throws(MetaError) -> MetaVideoUpload {
    let form = [("file_size", "\(size)"), ("upload_phase", "start")]
    let answer = try await post("\(adAccount)/advideos", form, for: .writing, to: .video)
    return try read { () throws(JSONField.Problem) in try MetaVideoUpload(answer, size: size) }
  }

  /// Sends the bytes of `window`, and returns those that Meta wants next: a window that is over once it has all, and
  /// the same or another one where it did not take what came. The same bytes may be sent again.
  ///
  /// `pieces` are the bytes of the window. The call may take a second longer for every 128 KiB, up to half an
  /// hour.
  package func sendVideo(
    _ window: MetaUploadWindow, of upload: MetaID, named name: String,
    _ pieces: any AsyncSequence<[UInt8], any Error> & Sendable
  ) async throws(MetaError) -> MetaUploadWindow {
    let length = window.end - window.start
    let form = MultipartBody(
      fields: [
        ("upload_phase", "transfer"), ("start_offset", "\(window.start)"), ("upload_session_id", "\(upload)"),
      ],
      file: MultipartBody.File(
        field: "video_file_chunk", name: name, contentType: "multipart/form-data", length: length, pieces: pieces))
    do throws(MetaError) {
      let answer = try await send(
        form, to: "\(adAccount)/advideos", of: .video, extraTime: .seconds(min(length / 131_072, 1_800)))
      return try read { () throws(JSONField.Problem) in
        let isWhole = try answer.member("success").optionalBool() ?? false
        return isWhole ? MetaUploadWindow(start: window.end, end: window.end) : try MetaUploadWindow(answer)
      }
    } catch {
      guard let wanted = error.uploadWindow else { throw error }
      return wanted
    }
  }

  /// Ends the sending of a video, all of whose bytes have come. Where the outcome is not known, the video's state says
  /// whether they have.
  package func finishVideo(_ upload: MetaID, title: String) async throws(MetaError) {
    let form = [("upload_phase", "finish"), ("upload_session_id", "\(upload)"), ("title", title)]
    let answer = try await post("\(adAccount)/advideos", form, for: .writing, to: .video)
    guard answer.value["success"] == .bool(true) else {
      throw MetaError(.outcomeUnknown, "Meta did not say that it has the whole video")
    }
  }

  /// Has Meta fetch a video from `address`, and returns its number, most likely before it has come. Where the outcome is
  /// not known, the title has to be looked for by ``videos(titled:)`` before this is sent again.
  package func addVideo(
    from address: String, title: String, leavingBy deadline: Instant? = nil
  ) async throws(MetaError) -> MetaID {
    let form = [("file_url", address), ("name", title), ("title", title)]
    return try newID(try await post("\(adAccount)/advideos", form, for: .writing, leavingBy: deadline))
  }

  /// How far a video is.
  package func video(_ id: MetaID) async throws(MetaError) -> MetaVideo {
    let answer = try await get("\(id)", [("fields", "status")])
    return try read { () throws(JSONField.Problem) in try MetaVideo(answer) }
  }

  /// The ad account's videos with a title.
  package func videos(titled title: String) async throws(MetaError) -> [MetaID] {
    try await named(title, "advideos", nameField: "title")
  }

  /// The pictures of a video that is ready.
  package func thumbnails(of video: MetaID) async throws(MetaError) -> [MetaThumbnail] {
    var pages = MetaPages(
      self, "\(video)/thumbnails", [("fields", "uri,width,height,is_preferred")], for: .reading
    ) { field throws(JSONField.Problem) in try MetaThumbnail(field) }
    return try await pages.all()
  }

  /// Sends a picture, and returns the hash by which creatives name it. The same bytes have the same hash, so that they may
  /// be sent again.
  package func addImage(_ bytes: [UInt8], named name: String) async throws(MetaError) -> String {
    let file = MultipartBody.File(
      field: "filename", name: name, length: Int64(bytes.count), pieces: HeldPieces(bytes: bytes))
    let answer = try await send(MultipartBody(fields: [], file: file), to: "\(adAccount)/adimages")
    return try read { () throws(JSONField.Problem) in
      // Meta calls the only member now by the file's name and now by the field's.
      let images = try answer.member("images")
      guard let image = try images.members().first?.field else { throw images.problem("must hold an image") }
      return try image.member("hash").text()
    }
  }

  /// Those of a list of the ad account's that have a name.
  func named(
    _ name: String, _ edge: String, nameField: String
  ) async throws(MetaError) -> [MetaID] {
    var pages = MetaPages(
      self, "\(adAccount)/\(edge)", [("limit", "100"), ("fields", "id,\(nameField)")], for: .reading
    ) { field throws(JSONField.Problem) in
      MetaNamed(id: try field.id("id"), name: try field.member(nameField).optionalText())
    }
    var found: [MetaID] = []
    while let page = try await pages.next() { found += page.filter { $0.name == name }.map(\.id) }
    return found
  }

  /// The number of what a call has made. Where the answer has none, it is not known whether it was made.
  func newID(_ answer: JSONField) throws(MetaError) -> MetaID {
    do {
      return try answer.id("id")
    } catch {
      throw MetaError(.outcomeUnknown, "Meta did not say what it made: \(error.path) \(error.rule)")
    }
  }
}
