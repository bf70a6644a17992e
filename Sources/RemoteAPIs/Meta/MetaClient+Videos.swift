import Formats
import Values

/// Videos and pictures for ads. Each call is sent once; its comment says whether it may be sent again, and what to look
/// up first.
extension MetaClient {
  /// Begins a chunked upload of a video of `size` bytes. An upload that is never finished creates no video, so it may
  /// be begun again whatever the outcome of the call.
  package func beginVideo(size: Int64) async throws(MetaError) -> MetaVideoUpload {
    let form = [("file_size", "\(size)"), ("upload_phase", "start")]
    let answer = try await post("\(adAccount)/advideos", form, for: .writing, to: .video)
    return try read { () throws(JSONField.Problem) in try MetaVideoUpload(answer, size: size) }
  }

  /// Sends the bytes of `window`, and returns the window that Meta wants next: an empty one at the end once it has
  /// everything, and the same or another one where it did not accept the bytes. The same bytes may be sent again.
  ///
  /// `pieces` are the bytes of the window. The call may take an additional second for every 128 KiB, up to half an
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

  /// Ends the upload of a video whose bytes have all been sent. Where the outcome is unknown, the video's state tells
  /// whether they arrived.
  package func finishVideo(_ upload: MetaID, title: String) async throws(MetaError) {
    let form = [("upload_phase", "finish"), ("upload_session_id", "\(upload)"), ("title", title)]
    let answer = try await post("\(adAccount)/advideos", form, for: .writing, to: .video)
    guard answer.value["success"] == .bool(true) else {
      throw MetaError(.outcomeUnknown, "Meta did not say that it has the whole video")
    }
  }

  /// Lets Meta fetch a video from `address`, and returns its id, usually before it has been fetched. Where the outcome
  /// is unknown, search for the title with ``videos(titled:)`` before sending this again.
  package func addVideo(
    from address: String, title: String, leavingBy deadline: Instant? = nil
  ) async throws(MetaError) -> MetaID {
    let form = [("file_url", address), ("name", title), ("title", title)]
    return try newID(try await post("\(adAccount)/advideos", form, for: .writing, leavingBy: deadline))
  }

  /// The progress of a video.
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

  /// Sends a picture, and returns the hash that identifies it in creatives. The same bytes have the same hash, so they
  /// may be sent again.
  package func addImage(_ bytes: [UInt8], named name: String) async throws(MetaError) -> String {
    let file = MultipartBody.File(
      field: "filename", name: name, length: Int64(bytes.count), pieces: HeldPieces(bytes: bytes))
    let answer = try await send(MultipartBody(fields: [], file: file), to: "\(adAccount)/adimages")
    return try read { () throws(JSONField.Problem) in
      // Meta names the only member sometimes after the file and sometimes after the field.
      let images = try answer.member("images")
      guard let image = try images.members().first?.field else { throw images.problem("must hold an image") }
      return try image.member("hash").text()
    }
  }

  /// The entries of a list of the ad account that have this name.
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

  /// The id of what a call created. Where the reply has none, it is not known whether anything was created.
  func newID(_ answer: JSONField) throws(MetaError) -> MetaID {
    do {
      return try answer.id("id")
    } catch {
      throw MetaError(.outcomeUnknown, "Meta did not say what it made: \(error.path) \(error.rule)")
    }
  }
}
