import Formats
import Values
import Web

/// A change of an account's configuration and what follows from it.
package struct ConfigurationPreview: Sendable {
  /// The configuration before the change.
  let before: AccountConfiguration
  /// The settings that change, in their order.
  let changes: [AccountSettings.Difference]
  /// The ads whose deals are worth something else after it, by ad id.
  let ads: [(adID: AdID, before: Money, after: Money)]
}

/// A preview as JSON.
package enum ConfigurationPreviewCoding {
  /// How many ads an answer names.
  static let adLimit = 1_000

  /// Writes the preview's fields into an open object.
  package static func write(_ preview: ConfigurationPreview, to json: inout JSONWriter) {
    json.member("dry_run", true)
    json.member("version", preview.before.version)
    json.key("changes")
    json.array { json in
      for change in preview.changes {
        json.object { json in
          json.member("field", change.name)
          json.key("before")
          change.before.write(to: &json)
          json.key("after")
          change.after.write(to: &json)
        }
      }
    }
    json.member("ads_revalued", preview.ads.count)
    json.key("ads")
    json.array { json in
      for ad in preview.ads.prefix(adLimit) {
        json.object { json in
          json.member("ad_id", ad.adID.value)
          json.money("pipeline_value_before", ad.before)
          json.money("pipeline_value_after", ad.after)
        }
      }
    }
  }

  static let schema = Schema.object(required: [
    ("account_id", .string("The account.")), ("dry_run", .bool("True: nothing was changed.")),
    ("version", .integer("The version that the change would be made to.")),
    (
      "changes",
      .array(
        of: .object(required: [
          ("field", .string("The field.")), ("before", .anything), ("after", .anything),
        ]))
    ),
    ("ads_revalued", .integer("How many ads' deals would be worth something else.")),
    (
      "ads",
      .array(
        of: .object(required: [
          ("ad_id", .string("The ad.")),
          ("pipeline_value_before", .answeredAmount("What its deals are worth now.")),
          ("pipeline_value_after", .answeredAmount("What they would be worth.")),
        ]), count: 0...adLimit)
    ),
  ]).named("ConfigurationPreview")
}

/// The version of a configuration as HTTP's entity tags say it.
enum ConfigurationTag {
  static func text(_ version: Int) -> String { "\"\(version)\"" }

  /// The versions that `If-Match` allows; nil where it allows any. Throws an ``APIError`` of status 400 for anything but
  /// `*` or entity tags. A weak tag matches nothing here, as RFC 9110, section 13.1.1 has it.
  static func versions(ifMatch header: String?) throws -> Set<Int>? {
    guard let header, header != "*" else { return nil }
    var versions: Set<Int> = []
    for part in header.split(separator: ",", omittingEmptySubsequences: false) {
      let tag = part.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed()
      var text = String(tag)
      let isWeak = text.hasPrefix("W/")
      if isWeak { text.removeFirst(2) }
      guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else {
        throw APIError(
          .badRequest, "invalid_header", "If-Match must be * or entity tags such as \"3\", as ETag gives them")
      }
      if !isWeak, let version = Int(text.dropFirst().dropLast()) { versions.insert(version) }
    }
    return versions
  }
}
