import Values

/// The bytes of a video that Meta wants next: from ``start`` up to, but not including, ``end``.
package struct MetaUploadWindow: Hashable, Sendable {
  package let start: Int64
  package let end: Int64

  package init(start: Int64, end: Int64) {
    self.start = start
    self.end = end
  }

  /// Whether Meta wants no more bytes of a video of `size` bytes.
  package func isOver(of size: Int64) -> Bool { start >= end || start >= size }
}

/// A chunked upload of a video.
package struct MetaVideoUpload: Hashable, Sendable {
  package let videoID: MetaID
  /// The session that every chunk must name.
  package let sessionID: MetaID
  /// The bytes that Meta wants first.
  package let window: MetaUploadWindow
}

/// The state of a video at Meta.
package struct MetaVideo: Hashable, Sendable {
  package let id: MetaID
  /// Meta's status: `ready`, `processing`, `uploading` and others. Only a ready video can be used in an ad.
  package let status: String
  /// Percent of the processing; nil where Meta does not report it.
  package let progress: Int64?
  /// Whether all of its bytes have arrived.
  package let isUploaded: Bool
  /// What went wrong, in Meta's words.
  package let problems: [String]

  package var isReady: Bool { status == "ready" }

  /// Whether it will never be ready.
  package var isLost: Bool { ["error", "expired", "upload_failed"].contains(status) }
}

/// A picture of a video.
package struct MetaThumbnail: Hashable, Sendable {
  /// Its temporary URL at Meta.
  package let address: String
  package let width: Int64?
  package let height: Int64?
  /// Whether Meta shows it by default.
  package let isPreferred: Bool
}

/// Something that can be found again by its name: a video or a creative.
package struct MetaNamed: Hashable, Sendable {
  package let id: MetaID
  /// Nil for none.
  package let name: String?
}

extension MetaUploadWindow {
  init(_ field: JSONField) throws(JSONField.Problem) {
    let (start, end) = (try field.member("start_offset"), try field.member("end_offset"))
    self.init(start: try start.integer(), end: try end.integer())
    guard self.start >= 0 else { throw start.problem("must not be negative") }
    guard self.end >= 0 else { throw end.problem("must not be negative") }
  }
}

extension MetaVideoUpload {
  /// Parses the reply that begins an upload of `size` bytes. Where Meta has the bytes already, it wants none.
  init(_ field: JSONField, size: Int64) throws(JSONField.Problem) {
    videoID = try field.id("video_id")
    sessionID = try field.id("upload_session_id")
    let isKnown = try field.member("skip_upload").optionalBool() ?? false
    window = isKnown ? MetaUploadWindow(start: size, end: size) : try MetaUploadWindow(field)
  }
}

extension MetaVideo {
  init(_ field: JSONField) throws(JSONField.Problem) {
    id = try field.id("id")
    let state = try field.member("status")
    status = try state.member("video_status").text()
    progress = try state.member("processing_progress").optionalInteger()
    let phase = try state.phase("uploading_phase")
    isUploaded =
      ["complete", "completed"].contains(phase?.status)
      || ["ready", "processing", "upload_complete"].contains(status)
    problems = Array(((phase?.errors ?? []) + (try state.phase("processing_phase")?.errors ?? [])).prefix(10))
  }
}

extension JSONField {
  /// A phase of a video's processing; nil where Meta does not report it.
  fileprivate func phase(_ name: String) throws(Problem) -> (status: String?, errors: [String])? {
    let phase = try member(name)
    if phase.isAbsent { return nil }
    let errors = try phase.member("errors").elements().map { error throws(Problem) in
      String((try error.member("message").optionalText() ?? "without a reason").prefix(200))
    }
    return (try phase.member("status").optionalText(), errors)
  }
}

extension MetaThumbnail {
  init(_ field: JSONField) throws(JSONField.Problem) {
    address = try field.member("uri").text()
    width = try field.member("width").optionalInteger()
    height = try field.member("height").optionalInteger()
    isPreferred = try field.member("is_preferred").optionalBool() ?? false
  }
}
