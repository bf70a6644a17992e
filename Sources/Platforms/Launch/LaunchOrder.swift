import Formats
import RemoteAPIs
import Values
import Web

/// What to turn into an ad.
package struct LaunchOrder: Hashable, Sendable {
  /// The source of its video.
  package enum Video: Hashable, Sendable {
    /// A file that every worker can read, with its stamp when the launch was requested.
    case file(path: String, FileStamp)
    /// A URL from which Meta can fetch it.
    case address(String)
  }

  /// The ad's name.
  package var name: String
  package var video: Video
  /// A picture shown before the video plays; nil for one that Meta takes from the video.
  package var thumbnailPath: String?
  /// The page that publishes the ad.
  package var pageID: MetaID
  /// The Instagram account that publishes it. Without one, ad sets that show ads on Instagram reject it.
  package var instagramUserID: MetaID?
  package var adSetID: MetaID
  /// The text above the video, which may have several lines.
  package var text: String
  package var headline: String
  package var description: String?
  /// The target of a click.
  package var link: String
  package var callToAction = MetaCallToAction.learnMore
  package var pixelID: MetaID?
  package var conversionDomain: String?

  package init(
    name: String, video: Video, pageID: MetaID, adSetID: MetaID, text: String, headline: String, link: String
  ) {
    self.name = name
    self.video = video
    self.pageID = pageID
    self.adSetID = adSetID
    self.text = text
    self.headline = headline
    self.link = link
  }
}

extension LaunchOrder {
  /// The most characters of its texts, in code points.
  package enum Limits {
    package static let name = 200
    package static let text = 2_000
    package static let headline = 255
    package static let description = 255
    /// The most that Meta accepts.
    package static let link = 1_000
    package static let videoAddress = 2_000
    package static let domain = 253
  }

  /// The largest video, in bytes: what all placements accept.
  package static let largestVideo: Int64 = 4_000_000_000
  /// The largest thumbnail, in bytes.
  package static let largestThumbnail: Int64 = 8 << 20

  /// The rules that it violates, field by field; `adParameters` are those by which clicks are credited.
  func problems(adParameters: [String]) -> [FieldProblem] {
    let texts: [FieldProblem?] = [
      Self.length("name", name, Limits.name), Self.lines("primary_text", text, Limits.text),
      Self.length("headline", headline, Limits.headline),
      description.flatMap { Self.length("description", $0, Limits.description) },
      conversionDomain.flatMap(Self.domain),
    ]
    return (texts + [linkProblem(adParameters), videoProblem]).compactMap { $0 }
  }

  private static func length(_ field: String, _ text: String, _ limit: Int) -> FieldProblem? {
    guard !(1...limit).contains(text.unicodeScalars.count) else {
      return PlainText.holds(text) ? nil : FieldProblem(field: field, value: "not shown", rule: PlainText.rule)
    }
    return FieldProblem(field: field, value: text.isEmpty ? "empty" : text, rule: "must have 1 to \(limit) characters")
  }

  /// As ``length(_:_:_:)``, for a text that may have several lines.
  private static func lines(_ field: String, _ text: String, _ limit: Int) -> FieldProblem? {
    guard (1...limit).contains(text.unicodeScalars.count) else { return length(field, text, limit) }
    return length(field, text.replacing("\n", with: " "), limit)
  }

  private static func domain(_ text: String) -> FieldProblem? {
    let isDomain = text.contains(".") && text.utf8.count <= Limits.domain && WebAddress.isHost(text)
    return isDomain
      ? nil : FieldProblem(field: "conversion_domain", value: text, rule: "must be a domain, such as example.com")
  }

  private func linkProblem(_ adParameters: [String]) -> FieldProblem? {
    guard let address = WebAddress(link), link.unicodeScalars.count <= Limits.link else {
      return FieldProblem(
        field: "link", value: link, rule: "must be an https address of at most \(Limits.link) characters")
    }
    let taken = adParameters.filter(address.parameters.contains)
    guard taken.isEmpty else {
      return FieldProblem(
        field: "link", value: link,
        rule:
          "must not have the parameters \(taken.joined(separator: ", ")): clicks are credited by them, and the launch "
          + "adds what they need")
    }
    return nil
  }

  private var videoProblem: FieldProblem? {
    switch video {
    case .file(let path, let stamp):
      (1...Self.largestVideo).contains(stamp.size)
        ? nil : FieldProblem(field: "video", value: path, rule: "must have 1 to \(Self.largestVideo) bytes")
    case .address(let text):
      WebAddress(text) != nil && text.unicodeScalars.count <= Limits.videoAddress
        ? nil
        : FieldProblem(
          field: "video_url", value: WebAddress.withoutQuery(text),
          rule: "must be an https address of at most \(Limits.videoAddress) characters that Meta can fetch")
    }
  }
}

/// An `https` URL, parsed as far as its host and the names of its parameters.
struct WebAddress: Hashable, Sendable {
  let host: String
  let parameters: Set<String>

  /// Nil where the text is not such a URL, or has characters that must be escaped.
  init?(_ text: String) {
    let scheme = "https://"
    guard text.lowercased().hasPrefix(scheme), PlainText.holds(text), text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }),
      !text.contains(where: { "\"<>\\^`{|}".contains($0) })
    else { return nil }
    let rest = text.dropFirst(scheme.count)
    let authority = rest.prefix { !"/?#".contains($0) }
    let sides = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let host = sides.first, Self.isHost(String(host)),
      sides.count == 1 || (sides[1].utf8.count <= 5 && UInt16(sides[1]) != nil)
    else { return nil }
    self.host = String(host)
    let query = rest.prefix { $0 != "#" }.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
    parameters = Set(query.split(separator: "&").map { String($0.prefix { $0 != "=" }) })
  }

  static func isHost(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.allSatisfy { part in
      (1...63).contains(part.utf8.count) && part.first != "-" && part.last != "-"
        && part.utf8.allSatisfy { byte in
          (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D
        }
    }
  }

  /// A URL without its query, which may contain a signature.
  static func withoutQuery(_ text: String) -> String {
    let place = text.prefix { $0 != "?" && $0 != "#" }
    return place.count < text.count ? place + "?…" : text
  }
}

/// What is appended to the link of a launched ad.
enum LaunchTags {
  /// The source of the visit; none of these names an ad.
  private static let constant = [
    ("utm_source", "facebook"), ("utm_medium", "paid"), ("utm_campaign", "{{campaign.id}}"),
    ("utm_term", "{{adset.id}}"),
  ]

  /// The parameter for the ad's id: `utm_content` where the account reads it, because analytics do too, otherwise the
  /// first one that it reads. Nil where it reads none.
  static func adParameter(_ adParameters: [String]) -> String? {
    adParameters.contains("utm_content") ? "utm_content" : adParameters.first
  }

  /// The tags by which clicks are credited to a new ad; nil where the account reads no parameter.
  static func text(_ adParameters: [String]) -> String? {
    guard let name = adParameter(adParameters) else { return nil }
    var pairs = constant.filter { $0.0 != name }
    pairs.insert((name, "{{ad.id}}"), at: 2)
    return pairs.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
  }
}
