import Formats
import Values
import Web

/// A change of an account's configuration and its effects.
package struct ConfigurationPreview: Sendable {
  /// The configuration before the change.
  let before: AccountConfiguration
  /// The settings that change, in their order.
  let changes: [AccountSettings.Difference]
  /// The ads whose deals have another worth after it, by ad id.
  let ads: [(adID: AdID, before: Money, after: Money)]
}

/// A preview as JSON.
package enum ConfigurationPreviewCoding {
  /// The most ads that an answer names.
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
    ("ads_revalued", .integer("How many ads' deals would have another worth.")),
    (
      "ads",
      .array(
        of: .object(required: [
          ("ad_id", .string("The ad.")),
          ("pipeline_value_before", .answeredAmount("The current worth of its deals.")),
          ("pipeline_value_after", .answeredAmount("Their worth after the change.")),
        ]), count: 0...adLimit)
    ),
  ]).named("ConfigurationPreview")
}
