import Formats
import Values

/// What a click on an ad's button does, in Meta's terms.
package enum MetaCallToAction: String, Hashable, Sendable, CaseIterable {
  case applyNow = "APPLY_NOW"
  case bookNow = "BOOK_TRAVEL"
  case contactUs = "CONTACT_US"
  case download = "DOWNLOAD"
  case getOffer = "GET_OFFER"
  case getQuote = "GET_QUOTE"
  case learnMore = "LEARN_MORE"
  case none = "NO_BUTTON"
  case orderNow = "ORDER_NOW"
  case shopNow = "SHOP_NOW"
  case signUp = "SIGN_UP"
  case subscribe = "SUBSCRIBE"
  case watchMore = "WATCH_MORE"
}

/// A creative to be made from a video. It can never be changed.
package struct MetaCreativeDraft: Hashable, Sendable {
  /// The picture shown before the video plays.
  package enum Thumbnail: Hashable, Sendable {
    /// An uploaded one: see ``MetaClient/addImage(_:named:)``.
    case hash(String)
    /// One that Meta fetches.
    case address(String)
  }

  /// At most 100 characters.
  package var name: String
  package var pageID: MetaID
  /// The Instagram account that the ad is shown as. Without one, ad sets that show ads on Instagram accept no ad with
  /// this creative.
  package var instagramUserID: MetaID?
  package var videoID: MetaID
  package var thumbnail: Thumbnail
  package var headline: String
  package var text: String
  package var description: String?
  package var callToAction = MetaCallToAction.learnMore
  /// Where a click leads: at most 1,000 characters.
  package var link: String
  /// What is appended to the link's query, with placeholders such as `{{ad.id}}` that Meta fills in.
  package var urlTags: String
  /// What Meta must not change automatically. Meta rejects the whole creative where it does not know one of them.
  package var optOuts = Self.usualOptOuts
  /// Whether to state that clicks do not lead into a shop at Meta.
  package var leavesOutShop = true

  package init(
    name: String, pageID: MetaID, videoID: MetaID, thumbnail: Thumbnail, headline: String, text: String, link: String,
    urlTags: String
  ) {
    self.name = name
    self.pageID = pageID
    self.videoID = videoID
    self.thumbnail = thumbnail
    self.headline = headline
    self.text = text
    self.link = link
    self.urlTags = urlTags
  }

  /// Everything that Meta may change automatically about videos and their texts, item by item: Meta rejects the bundle
  /// of them.
  package static let usualOptOuts = [
    "adapt_to_placement", "enhance_cta", "inline_comment", "text_generation", "text_optimizations", "video_auto_crop",
    "video_filtering", "video_uncrop",
  ]

  /// The longest name.
  package static let nameLimit = 100

  var form: [(name: String, value: String)] {
    let optOut: JSONValue = ["enroll_status": "OPT_OUT"]
    let features = JSONValue.object(JSONObject(optOuts.map { ($0, optOut) }))
    var form = [
      ("name", name), ("object_story_spec", MetaClient.text(story)),
      ("degrees_of_freedom_spec", MetaClient.text(["creative_features_spec": features])),
      ("contextual_multi_ads", MetaClient.text(optOut)),
    ]
    if leavesOutShop {
      form.append(("destination_spec", MetaClient.text(["destination_type": "WEBSITE_AND_SHOP_OPT_OUT"])))
    }
    return form + [("url_tags", urlTags)]
  }

  /// A video has no link other than its button's, and a click on it leads nowhere else.
  private var story: JSONValue {
    let picture: (key: String, value: JSONValue) =
      switch thumbnail {
      case .hash(let hash): ("image_hash", .string(hash))
      case .address(let address): ("image_url", .string(address))
      }
    let action: JSONValue = ["type": .string(callToAction.rawValue), "value": ["link": .string(link)]]
    var video: [(key: String, value: JSONValue)] = [("call_to_action", action), picture]
    if let description { video.append(("link_description", .string(description))) }
    video += [("message", .string(text)), ("title", .string(headline)), ("video_id", .string(videoID.value))]
    let instagram = instagramUserID.map { [(key: "instagram_user_id", value: JSONValue.string($0.value))] } ?? []
    return .object(
      JSONObject(
        instagram + [("page_id", .string(pageID.value)), ("video_data", .object(JSONObject(video)))]))
  }
}

/// A creative as stored at Meta.
package struct MetaCreative: Hashable, Sendable {
  package let id: MetaID
  package let name: String?
  package let status: String?
  package let videoID: MetaID?
  package let link: String?
  package let urlTags: String?
  /// What Meta changes automatically about it.
  package let optedIn: [String]

  static let fields = ["name", "status", "video_id", "object_story_spec", "url_tags", "degrees_of_freedom_spec"]
}

extension MetaCreative {
  init(_ field: JSONField) throws(JSONField.Problem) {
    id = try field.id("id")
    name = try field.member("name").optionalText()
    status = try field.member("status").optionalText()
    videoID = try field.member("video_id").optionalScalarText().flatMap(MetaID.init)
    urlTags = try field.member("url_tags").optionalText()
    let story = field.value["object_story_spec"]
    link = story?["video_data"]?["call_to_action"]?["value"]?["link"]?.stringValue
    guard case .object(let features)? = field.value["degrees_of_freedom_spec"]?["creative_features_spec"] else {
      optedIn = []
      return
    }
    optedIn = features.members.filter { $0.value["enroll_status"] == "OPT_IN" }.map { String($0.key.prefix(80)) }
  }
}
