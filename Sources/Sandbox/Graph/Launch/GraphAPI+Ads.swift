import Formats
import Values

extension GraphAPI {
  private static let asCreative: Set<String> = [
    "contextual_multi_ads", "degrees_of_freedom_spec", "destination_spec", "name",
    "object_story_spec", "url_tags",
  ]
  private static let asAd: Set<String> = [
    "adlabels", "adset_id", "conversion_domain", "creative", "name", "status", "tracking_specs",
  ]

  /// The parameters of something new; throws for one that the sandbox would leave out.
  private func parameters(_ call: GraphCall, _ known: Set<String>) throws(GraphError) -> [String:
    String]
  {
    let given = call.parameters.filter { !Self.silent.contains($0.key) }
    if let unknown = given.keys.sorted().first(where: { !known.contains($0) }) {
      throw .invalid("The sandbox does not take \(unknown)", field: unknown)
    }
    return given
  }

  private func isTrial(_ call: GraphCall) throws(GraphError) -> Bool {
    try call.list("execution_options")?.contains("validate_only") == true
  }

  /// Makes a creative.
  mutating func addCreative(_ call: GraphCall) throws(GraphError) -> JSONValue {
    let given = try parameters(call, Self.asCreative)
    let content = try CreativeContent(given, in: library)
    if try isTrial(call) { return ["success": true] }
    return ["id": .string(try library.addCreative(given, content))]
  }

  /// Makes an ad of a creative that is there, or that is given with it.
  mutating func addAd(_ call: GraphCall, _ world: inout AdWorld, at now: Instant) throws(GraphError)
    -> JSONValue
  {
    let given = try parameters(call, Self.asAd)
    guard let name = given["name"], (1...400).contains(name.count) else {
      throw .invalid("Param name must be 1 to 400 characters", field: "name")
    }
    guard case .adSet(let adSet)? = world.places[given["adset_id"] ?? ""] else {
      throw .invalid("The ad set is not there", subcode: 33, field: "adset_id")
    }
    let status = ConfiguredStatus(rawValue: given["status"] ?? "ACTIVE")
    guard let status, status == .active || status == .paused else {
      throw .invalid("Param status must be one of {ACTIVE, PAUSED}", field: "status")
    }
    let creative = try creative(given["creative"])
    try checkReady(creative.content)
    let labels = given["adlabels"].flatMap { JSONValue.parsed($0)?.arrayValue } ?? []
    let new = NewAd(
      name: name, adSet: adSet, status: status, creative: creative.id, link: creative.content.link,
      urlTags: creative.content.urlTags, labels: labels.compactMap { $0["name"]?.stringValue })
    var copy = world
    let isTrial = try isTrial(call)
    let id: String
    do throws(ChangeRefusal) {
      id = try isTrial ? copy.create(new, at: now) : world.create(new, at: now)
    } catch {
      throw GraphError(error, id: given["adset_id"] ?? "")
    }
    return isTrial ? ["success": true] : ["id": .string(id)]
  }

  private mutating func creative(_ text: String?) throws(GraphError) -> GraphLibrary.Creative {
    guard let spec = text.flatMap({ JSONValue.parsed($0) }) else {
      throw .invalid("Param creative is missing", field: "creative")
    }
    if let id = spec["creative_id"]?.integer {
      guard let creative = library.creatives["\(id)"] else {
        throw .invalid("The creative is not there", subcode: 33, field: "creative")
      }
      return creative
    }
    let given = Dictionary(
      spec.members.map {
        ($0.key, $0.value.stringValue ?? String(decoding: $0.value.bytes, as: UTF8.self))
      }
    ) { $1 }
    let id = try library.addCreative(given, try CreativeContent(given, in: library))
    guard let creative = library.creatives[id] else { throw .missing(id) }
    return creative
  }

  private func checkReady(_ content: CreativeContent) throws(GraphError) {
    guard content.hasInstagramUser else {
      throw .invalid(
        "The creative has no Instagram account, and the ad set shows ads there", subcode: 1_772_103)
    }
    guard library.videos[content.video]?.isReady == true else {
      throw .invalid("The video is not ready: try again later", subcode: 1_885_252)
    }
  }

  /// A creative with the fields that are asked for; nil where it is none of the library's.
  func creative(_ id: String, _ fields: GraphFields) throws(GraphError) -> JSONValue? {
    guard let creative = library.creatives[id] else { return nil }
    var members: [(key: String, value: JSONValue?)] = []
    for field in fields.fields where field.name != "id" {
      switch field.name {
      case "name": members.append(("name", .string(creative.name)))
      case "status": members.append(("status", "ACTIVE"))
      case "video_id": members.append(("video_id", .string(creative.content.video)))
      case "effective_object_story_id", "thumbnail_url", "effective_instagram_media_id": break
      case "url_tags": members.append(("url_tags", creative.content.urlTags.map { .string($0) }))
      case "object_story_spec", "degrees_of_freedom_spec", "contextual_multi_ads",
        "destination_spec":
        members.append(
          (field.name, creative.parameters[field.name].flatMap { JSONValue.parsed($0) }))
      default:
        throw .invalid(
          "Tried accessing nonexistent field (\(field.name)) on node type (AdCreative)")
      }
    }
    return .present(members + [("id", .string(id))])
  }
}
