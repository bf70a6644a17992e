import Formats
import RemoteAPIs
import Values
import Web

/// Launches as JSON.
package enum LaunchCoding {
  /// Reads an operator's request. Throws an ``InvalidInput`` that names each invalid field.
  static func read(_ body: [UInt8]) throws -> LaunchOrder {
    try FieldReader.read(body) { json, fields in
      var given = GivenFields()
      try json.readObject { key, json in
        guard names.contains(key) else {
          return try fields.unknown(key, &json, at: .root, known: names.joined(separator: ", "))
        }
        given.keys.insert(key)
        if optional.contains(key), try json.readNull() { return }
        switch key {
        case "page_id", "adset_id", "instagram_user_id", "pixel_id":
          guard let text = try fields.string(key, &json, at: .root, maxBytes: 40) else { return }
          given.ids[key] = MetaID(text)
          if given.ids[key] == nil { fields.note(key, text, MetaID.rule) }
        case "call_to_action":
          given.callToAction = try fields.choice(key, &json, at: .root, as: MetaCallToAction.self)
        case "primary_text": given.texts[key] = try lines(key, &json, &fields)
        default: given.texts[key] = try fields.string(key, &json, at: .root, maxBytes: 4 * (limits[key] ?? 1))
        }
      }
      for key in required where !given.keys.contains(key) { fields.missing(key, at: .root) }
      return given.order
    }
  }

  /// A text that may have several lines.
  private static func lines(_ key: String, _ json: inout JSONReader, _ fields: inout FieldReader) throws -> String? {
    guard try json.peekKind() == .string else { return try fields.string(key, &json, at: .root) }
    let text = try json.readString()
    guard PlainText.holds(text.replacing("\n", with: " ")) else {
      fields.note(key, "not shown", PlainText.rule + " except line feeds")
      return nil
    }
    return text
  }

  /// The given values, by field.
  private struct GivenFields {
    var keys: Set<String> = []
    var texts: [String: String] = [:]
    var ids: [String: MetaID] = [:]
    var callToAction: MetaCallToAction?

    /// Nil where a required field is missing or invalid, which has been recorded.
    var order: LaunchOrder? {
      guard let name = texts["name"], let video = texts["video_url"], let page = ids["page_id"],
        let adSet = ids["adset_id"], let text = texts["primary_text"], let headline = texts["headline"],
        let link = texts["link"]
      else { return nil }
      var order = LaunchOrder(
        name: name, video: .address(video), pageID: page, adSetID: adSet, text: text, headline: headline, link: link)
      order.instagramUserID = ids["instagram_user_id"]
      order.description = texts["description"]
      order.callToAction = callToAction ?? .learnMore
      order.pixelID = ids["pixel_id"]
      order.conversionDomain = texts["conversion_domain"]
      return order
    }
  }

  private static let required = ["name", "video_url", "page_id", "adset_id", "primary_text", "headline", "link"]
  private static let optional = ["instagram_user_id", "description", "call_to_action", "pixel_id", "conversion_domain"]
  private static let names = (required + optional).sorted()
  /// The most characters of texts.
  private static let limits = [
    "name": LaunchOrder.Limits.name, "video_url": LaunchOrder.Limits.videoAddress,
    "primary_text": LaunchOrder.Limits.text, "headline": LaunchOrder.Limits.headline,
    "description": LaunchOrder.Limits.description, "link": LaunchOrder.Limits.link,
    "conversion_domain": LaunchOrder.Limits.domain,
  ]

  /// Writes a launch as an object.
  package static func write(_ launch: Launch, to json: inout JSONWriter) {
    let order = launch.order
    json.object { json in
      json.member("launch_id", launch.id.description)
      json.member("state", launch.state.rawValue)
      json.member("state_since", launch.stateSince.description)
      json.member("problem", launch.problem)
      json.member("ad_account", "\(launch.adAccount)")
      json.member("name", order.name)
      json.member("page_id", order.pageID.value)
      json.member("instagram_user_id", order.instagramUserID?.value)
      json.member("adset_id", order.adSetID.value)
      json.member("primary_text", order.text)
      json.member("headline", order.headline)
      json.member("description", order.description)
      json.member("link", order.link)
      json.member("url_tags", launch.urlTags)
      json.member("call_to_action", order.callToAction.rawValue)
      json.member("pixel_id", order.pixelID?.value)
      json.member("conversion_domain", order.conversionDomain)
      json.member("video", order.video.name)
      json.member("video_bytes", order.video.size.map { Int($0) })
      json.member("sent_bytes", launch.sentBytes.map { Int($0) })
      json.member("video_id", launch.videoID?.value)
      json.member("creative_id", launch.creativeID?.value)
      json.member("ad_id", launch.adID?.value)
      json.member("requested_at", launch.requestedAt.description)
      json.member("requested_by", launch.requestedBy)
      json.member("finished_at", launch.finishedAt?.description)
      json.key("review")
      if let review = launch.review { write(review, to: &json) } else { json.null() }
    }
  }

  private static func write(_ review: LaunchReview, to json: inout JSONWriter) {
    json.object { json in
      json.member("verdict", review.verdict.rawValue)
      json.member("advice", review.advice)
      json.member("status", review.status)
      json.member("effective_status", review.effectiveStatus)
      json.key("reasons")
      json.array { json in for reason in review.reasons { json.value(reason) } }
      json.member("preview_link", review.previewLink)
      json.member("read_at", review.readAt.description)
    }
  }

  static func reply(_ launch: Launch) -> Reply {
    var json = JSONWriter()
    write(launch, to: &json)
    return Reply(json: json.bytes)
  }
}

extension LaunchOrder.Video {
  /// The file's name without its folder, or the URL without its query, which may contain secrets.
  package var name: String {
    switch self {
    case .file(let path, _): path.split(separator: "/").last.map(String.init) ?? path
    case .address(let address): WebAddress.withoutQuery(address)
    }
  }

  /// Bytes; nil where the size is not known.
  package var size: Int64? {
    if case .file(_, let stamp) = self { stamp.size } else { nil }
  }
}

extension Launch {
  /// How many bytes of the video Meta has; nil where that is not known.
  package var sentBytes: Int64? {
    guard let size = order.video.size else { return nil }
    return videoID == nil ? 0 : window.map { min($0.start, size) } ?? size
  }
}

enum LaunchSchemas {
  private typealias Limits = LaunchOrder.Limits

  private static func id(_ description: String) -> Schema {
    .string(description, length: 1...32, pattern: "^[0-9]{1,32}$")
  }

  private static func moment(_ description: String) -> Schema { .formatted(description, "date-time") }

  static let request = Schema.object(
    required: [
      ("name", .text("The ad's name.", length: 1...Limits.name)),
      ("video_url", .text("An https URL from which Meta can fetch the video.", length: 9...Limits.videoAddress)),
      ("page_id", id("The page that publishes the ad.")), ("adset_id", id("The ad set of the ad.")),
      (
        "primary_text",
        .string(
          "The text above the video, which may have several lines.", length: 1...Limits.text,
          pattern: #"^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f]*$"#)
      ),
      ("headline", .text("The headline.", length: 1...Limits.headline)),
      ("link", .text("The target of a click: an https URL.", length: 9...Limits.link)),
    ],
    optional: [
      ("instagram_user_id", id("The Instagram account that publishes the ad.")),
      ("description", .text("The text beside the headline.", length: 1...Limits.description)),
      (
        "call_to_action",
        .choice("The text of the button; LEARN_MORE by default.", MetaCallToAction.allCases.map(\.rawValue))
      ),
      ("pixel_id", id("The pixel that reports what visitors do.")),
      ("conversion_domain", .text("The domain on which visitors convert.", length: 3...Limits.domain)),
    ]
  ).named("LaunchRequest")

  private static let review = Schema.object(required: [
    ("verdict", .choice("The result of the review.", LaunchReview.Verdict.allCases.map(\.rawValue))),
    ("advice", .string("What that means.")), ("status", .string("The ad's own switch, as Meta's status.")),
    ("effective_status", .string("Meta's status of the ad.")),
    ("reasons", .array(of: .string("Why it may not run, in Meta's words."))),
    ("preview_link", Schema.string("A link for viewing the ad.").orNull()),
    ("read_at", moment("When that was read.")),
  ])

  static let launch = Schema.object(required: [
    ("launch_id", .string("The launch.", length: 24...24, pattern: "^[0-9a-f]{24}$")),
    ("state", .choice("The state of the launch.", LaunchState.allCases.map(\.rawValue))),
    ("state_since", moment("Since when.")),
    ("problem", Schema.string("What it waits for, or why it failed.").orNull()),
    ("ad_account", .string("The ad account.")), ("name", .string("The ad's name.")),
    ("page_id", id("The page that publishes the ad.")),
    ("instagram_user_id", id("The Instagram account that publishes the ad.").orNull()),
    ("adset_id", id("The ad set of the ad.")), ("primary_text", .string("The text above the video.")),
    ("headline", .string("The headline.")), ("description", Schema.string("The text beside the headline.").orNull()),
    ("link", .string("The target of a click.")), ("url_tags", .string("What is appended to the link's query.")),
    ("call_to_action", .string("The text of the button.")),
    ("pixel_id", id("The pixel that reports what visitors do.").orNull()),
    ("conversion_domain", Schema.string("The domain on which visitors convert.").orNull()),
    ("video", .string("The file's name, or the URL without its query.")),
    ("video_bytes", Schema.integer("Its size; null where Meta fetches it.").orNull()),
    ("sent_bytes", Schema.integer("How much of it Meta has; null where Meta fetches it.").orNull()),
    ("video_id", id("The video at Meta.").orNull()), ("creative_id", id("The creative at Meta.").orNull()),
    ("ad_id", id("The ad at Meta, created paused.").orNull()),
    ("requested_at", moment("When it was requested.")), ("requested_by", .string("Who requested it.")),
    ("finished_at", moment("When it ended.").orNull()), ("review", review.orNull()),
  ]).named("Launch")

  static let list = Schema.object(required: [("launches", .array(of: launch))])
}
