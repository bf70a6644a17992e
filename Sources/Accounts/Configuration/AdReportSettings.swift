/// How an account interprets what ad platforms report about its ads.
package struct AdReportSettings: Hashable, Sendable {
  /// Which clicks count.
  package enum Clicks: String, Hashable, Sendable, CaseIterable {
    /// All clicks on an ad, including those that open a profile or a picture.
    case all
    /// Clicks on the ad's link.
    case link

    /// The name of Meta's field.
    package var field: String {
      switch self {
      case .all: "clicks"
      case .link: "inline_link_clicks"
      }
    }
  }

  /// Which clicks count.
  package var clicks = Clicks.all
  /// Meta's action types that are leads. Only the first one present on a day counts, because types overlap: `lead` is
  /// the sum of the others.
  package var leadActions = [
    "lead", "onsite_conversion.lead_grouped", "onsite_web_lead", "onsite_web_app_lead",
    "offsite_conversion.fb_pixel_lead", "onsite_conversion.lead", "leadgen_grouped",
  ]

  /// The defaults of a new account: all clicks, and what Meta counts as leads.
  package init() {}
}
