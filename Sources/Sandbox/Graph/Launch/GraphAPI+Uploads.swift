import Formats
import Values

extension GraphAPI {
  /// Takes a video: in chunks, at once, or by the address of one, which is believed.
  mutating func upload(_ call: GraphCall, at now: Instant) throws(GraphError) -> JSONValue {
    switch call.parameters["upload_phase"] {
    case "start": return try start(call, at: now)
    case "transfer": return try transfer(call)
    case "finish": return try finish(call)
    case nil: return try takeWhole(call, at: now)
    default:
      throw .invalid(
        "Param upload_phase must be one of {start, transfer, finish}", field: "upload_phase")
    }
  }

  private mutating func start(_ call: GraphCall, at now: Instant) throws(GraphError) -> JSONValue {
    guard let size = try call.number("file_size"), (1...10_000_000_000).contains(size) else {
      throw .invalid("Param file_size must be 1 to 10000000000", field: "file_size")
    }
    let (video, session) = try library.begin(size: Int(size), title: "", at: now)
    return .present(
      [("video_id", .string(video.id)), ("upload_session_id", .string(session))]
        + Self.window(of: video))
  }

  /// Which bytes are to come next.
  private static func window(of video: GraphLibrary.Video) -> [(key: String, value: JSONValue?)] {
    [
      ("start_offset", .text(video.received)),
      ("end_offset", .text(min(video.received + GraphLibrary.chunk, video.size))),
    ]
  }

  private mutating func transfer(_ call: GraphCall) throws(GraphError) -> JSONValue {
    let video = try library.video(ofSession: call.parameters["upload_session_id"] ?? "")
    guard let chunk = call.files["video_file_chunk"]?.bytes else {
      throw .invalid("The part video_file_chunk is missing", field: "video_file_chunk")
    }
    let end = min(video.received + GraphLibrary.chunk, video.size)
    guard try call.number("start_offset") == Int64(video.received),
      video.received + chunk.count == end
    else {
      var error = GraphError(
        code: 6_000, subcode: 1_363_037,
        message: "There was a problem uploading your video file. Please try again.")
      error.details = ["start_offset": .integer(video.received), "end_offset": .integer(end)]
      throw error
    }
    library.append(chunk, to: video.id)
    return .present(
      Self.window(of: try library.video(ofSession: call.parameters["upload_session_id"] ?? "")))
  }

  private mutating func finish(_ call: GraphCall) throws(GraphError) -> JSONValue {
    let video = try library.video(ofSession: call.parameters["upload_session_id"] ?? "")
    guard video.received == video.size else {
      throw .invalid("\(video.size - video.received) bytes have not come", field: "upload_phase")
    }
    library.finish(video.id, title: call.parameters["title"])
    return ["success": true]
  }

  private mutating func takeWhole(_ call: GraphCall, at now: Instant) throws(GraphError)
    -> JSONValue
  {
    let bytes =
      call.files["source"]?.bytes ?? call.parameters["file_url"].map { Array($0.utf8)[...] }
    guard let bytes, !bytes.isEmpty else {
      throw .invalid("A source or a file_url is missing", field: "source")
    }
    let title = call.parameters["title"] ?? call.parameters["name"]
    let (video, _) = try library.begin(size: bytes.count, title: title ?? "", at: now)
    library.append(bytes, to: video.id)
    library.finish(video.id, title: title)
    return ["id": .string(video.id)]
  }

  /// Takes an image.
  mutating func addImage(_ call: GraphCall) throws(GraphError) -> JSONValue {
    guard let file = call.files.values.first else {
      throw .invalid("A file is missing", field: "filename")
    }
    let image = try library.addImage(file.bytes, named: file.name)
    let member: JSONValue = ["hash": .string(image.hash), "name": .string(image.name)]
    return ["images": .object(JSONObject([(image.name, member)]))]
  }

  /// A video with the fields that are asked for. It goes on by being looked at.
  mutating func video(_ id: String, _ call: GraphCall, _ calendar: WorldCalendar) throws(GraphError)
    -> JSONValue?
  {
    guard let video = library.poll(id) else { return nil }
    return try Self.json(video, try GraphFields(of: call), calendar)
  }

  private static func json(
    _ video: GraphLibrary.Video, _ fields: GraphFields, _ calendar: WorldCalendar
  ) throws(GraphError) -> JSONValue {
    var members: [(key: String, value: JSONValue?)] = []
    for field in fields.fields where field.name != "id" {
      switch field.name {
      case "title": members.append(("title", .string(video.title)))
      case "created_time": members.append(("created_time", .string(calendar.text(video.createdAt))))
      case "status": members.append(("status", video.statusJSON))
      case "length", "picture": break
      default:
        throw .invalid("Tried accessing nonexistent field (\(field.name)) on node type (Video)")
      }
    }
    return .present(members + [("id", .string(video.id))])
  }

  /// The account's videos whose bytes have come, by their numbers. Being listed does not let one go on.
  func videos(_ call: GraphCall, _ calendar: WorldCalendar) throws(GraphError) -> JSONValue {
    let fields = try GraphFields(of: call)
    let videos = library.videos.values.filter(\.isUploaded).sorted { $0.id < $1.id }
    return try Self.page(videos, call) { video throws(GraphError) in try Self.json(video, fields, calendar) }
  }

  /// The account's creatives, by their numbers.
  func creatives(_ call: GraphCall) throws(GraphError) -> JSONValue {
    let fields = try GraphFields(of: call)
    let ids = library.creatives.keys.sorted()
    return try Self.page(ids, call) { id throws(GraphError) in try creative(id, fields) ?? .null }
  }

  private static func page<Item>(
    _ items: [Item], _ call: GraphCall, _ json: (Item) throws(GraphError) -> JSONValue
  ) throws(GraphError) -> JSONValue {
    let after = try call.parameters["after"].map { text throws(GraphError) in try GraphCursor(text).first } ?? -1
    let range = items.indices.dropFirst(after + 1).prefix(try GraphView.limit(call))
    var data: [JSONValue] = []
    for position in range { data.append(try json(items[position])) }
    return .present(
      GraphView.page(
        data, first: range.first.map { GraphCursor($0) }, last: range.last.map { GraphCursor($0) },
        hasMore: (range.last ?? items.count) < items.count - 1, call))
  }

  /// One picture, of a video that is ready.
  static func thumbnails(of video: GraphLibrary.Video, _ call: GraphCall) throws(GraphError) -> JSONValue {
    guard video.isReady else { return ["data": []] }
    let values: [String: JSONValue] = [
      "uri": .string("https://sandbox.example/\(video.id).jpg"), "width": 720, "height": 1_280,
      "is_preferred": true, "scale": 1, "name": "",
    ]
    var members: [(key: String, value: JSONValue?)] = []
    for field in try GraphFields(of: call).fields where field.name != "id" {
      guard let value = values[field.name] else {
        throw .invalid("Tried accessing nonexistent field (\(field.name)) on node type (VideoThumbnail)")
      }
      members.append((field.name, value))
    }
    return ["data": [.present(members + [("id", .string("\(video.id)1"))])]]
  }
}

extension GraphLibrary.Video {
  fileprivate var statusJSON: JSONValue {
    let upload: JSONValue = [
      "status": isUploaded ? "complete" : "in_progress", "bytes_transferred": .integer(received),
      "source_file_size": .integer(size),
    ]
    return [
      "video_status": isReady ? "ready" : isUploaded ? "processing" : "uploading",
      "processing_progress": isReady ? 100 : 0, "uploading_phase": upload,
      "processing_phase": [
        "status": isReady ? "complete" : isUploaded ? "in_progress" : "not_started"
      ],
      "publishing_phase": ["status": isReady ? "complete" : "not_started"],
    ]
  }
}
