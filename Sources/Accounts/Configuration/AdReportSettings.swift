/// How an account reads what ad platforms report of its ads.
package struct AdReportSettings: Hashable, Sendable {
  /// Which clicks count.
  package enum Clicks: String, Hashable, Sendable, CaseIterable {
    /// All clicks on an ad, those that open a profile or a picture too.
    case all
    /// Clicks on the ad's link.
    case link

    /// Meta's field of them.
    package var field: String {
      switch self {
      case .all: "clicks"
      case .link: "inline_link_clicks"
      }
    }
  }

  /// Which clicks count.
  package var clicks = Clicks.all
  /// Meta's types of actions that are leads. The first one that a day has counts alone, because types overlap: `lead` is
  /// the sum of the others.
  package var leadActions = [
    "lead", "onsite_conversion.lead_grouped", "onsite_web_lead", "onsite_web_app_lead",
    "offsite_conversion.fb_pixel_lead", "onsite_conversion.lead", "leadgen_grouped",
  ]

  /// The defaults of a new account: all clicks, and what Meta calls leads.
  package init() {}
}
