import Formats

/// What a creative shows: a video with texts, and where a click leads.
struct CreativeContent: Hashable, Sendable {
  let video: String
  let link: String
  let urlTags: String?
  let hasInstagramUser: Bool

  /// The longest name and address.
  private static let limits = (name: 100, link: 1_000)

  /// Reads the parameters of a creative, or those that stand within an ad's. Throws what Meta says of one that it does
  /// not take.
  init(_ parameters: [String: String], in library: GraphLibrary) throws(GraphError) {
    guard (parameters["name"] ?? "").count <= Self.limits.name else {
      throw .invalid("The name has more than \(Self.limits.name) characters", field: "name")
    }
    guard let story = parameters["object_story_spec"].flatMap({ JSONValue.parsed($0) }),
      story["page_id"]?.integer != nil, let video = story["video_data"]
    else {
      throw .invalid(
        "The sandbox takes creatives of a page's video_data", field: "object_story_spec")
    }
    if story["instagram_actor_id"] != nil {
      throw .invalid(
        "instagram_actor_id is no longer taken: use instagram_user_id", field: "object_story_spec")
    }
    hasInstagramUser = story["instagram_user_id"] != nil
    guard let id = video["video_id"]?.integer.map({ "\($0)" }), library.videos[id] != nil else {
      throw .invalid("The video is not there", subcode: 33, field: "object_story_spec")
    }
    self.video = id
    guard (video["image_hash"] == nil) != (video["image_url"] == nil) else {
      throw .invalid("A video needs one thumbnail, by image_hash or image_url", subcode: 1_443_226)
    }
    if let hash = video["image_hash"]?.stringValue, library.images[hash] == nil {
      throw .invalid("The image is not there", field: "image_hash")
    }
    let action = video["call_to_action"]
    guard action?["type"]?.stringValue != nil, let link = action?["value"]?["link"]?.stringValue,
      link.hasPrefix("https://"), link.count <= Self.limits.link
    else { throw .invalid("A call to action with a link is missing", subcode: 2_446_383) }
    self.link = link
    urlTags = parameters["url_tags"]
    if parameters["degrees_of_freedom_spec"]?.contains("standard_enhancements") == true {
      throw .invalid(
        "standard_enhancements is no longer taken", subcode: 3_858_504,
        field: "degrees_of_freedom_spec")
    }
  }
}
