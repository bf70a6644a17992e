import DecisionEngine
import Formats
import Values

/// One row of insights.
struct InsightsRow {
  let view: GraphView
  let node: GraphNode
  let days: ClosedRange<CalendarDay>
  let figures: DayFigures
  /// The people that were to be reached.
  let people: Double
  let windows: [String]

  /// The fields that may be asked for. Those of which nothing is ever known are left out of rows.
  static let fields: Set<String> = [
    "account_currency", "account_id", "account_name", "action_values", "actions", "ad_id",
    "ad_name", "adset_id",
    "adset_name", "attribution_setting", "buying_type", "campaign_id", "campaign_name", "clicks",
    "conversions",
    "cost_per_action_type", "cost_per_inline_link_click", "cpc", "cpm", "created_time", "ctr",
    "date_start",
    "date_stop",
    "frequency", "impressions", "inline_link_click_ctr", "inline_link_clicks", "objective",
    "optimization_goal",
    "outbound_clicks", "purchase_roas", "reach", "spend", "unique_clicks", "updated_time",
    "video_p25_watched_actions", "video_play_actions", "website_purchase_roas",
  ]

  /// The row with the fields that are asked for; those without data are left out.
  func json(_ fields: [String]) -> JSONValue {
    let asked = fields.filter { $0 != "date_start" && $0 != "date_stop" }.map {
      (key: $0, value: value($0))
    }
    return .present(
      asked + [("date_start", .text(days.lowerBound)), ("date_stop", .text(days.upperBound))])
  }

  private func value(_ field: String) -> JSONValue? {
    switch field {
    case "account_id": .string(view.account)
    case "account_name": "Sandbox"
    case "account_currency": .string(view.world.settings.currency.code)
    case "campaign_id", "adset_id", "ad_id":
      view.ancestor(String(field.dropLast(3)), of: node).map { .string(view.id(of: $0)) }
    case "campaign_name", "adset_name", "ad_name":
      view.ancestor(String(field.dropLast(5)), of: node).map { .string(view.head(of: $0).name) }
    case "objective": "OUTCOME_LEADS"
    case "buying_type": "AUCTION"
    case "optimization_goal": "OFFSITE_CONVERSIONS"
    case "attribution_setting": "7d_click_1d_view"
    case "created_time", "updated_time":
      .text(view.world.calendar.day(of: view.head(of: node).createdAt))
    case "spend": .string(amount(figures.spend))
    case "impressions": .text(figures.impressions)
    case "clicks": .text(allClicks)
    case "inline_link_clicks": figures.clicks > 0 ? .text(figures.clicks) : nil
    case "reach": .text(reach)
    case "frequency": .string(Self.decimal(Double(figures.impressions) / Double(max(reach, 1))))
    case "ctr": .string(Self.decimal(100 * Double(allClicks) / Double(max(figures.impressions, 1))))
    case "inline_link_click_ctr":
      figures.clicks > 0
        ? .string(Self.decimal(100 * Double(figures.clicks) / Double(max(figures.impressions, 1))))
        : nil
    case "cpc": allClicks > 0 ? .string(Self.decimal(spend / Double(allClicks))) : nil
    case "cost_per_inline_link_click":
      figures.clicks > 0 ? .string(Self.decimal(spend / Double(figures.clicks))) : nil
    case "cpm": .string(Self.decimal(1_000 * spend / Double(max(figures.impressions, 1))))
    case "actions": actions.isEmpty ? nil : .array(actions.map(json))
    case "outbound_clicks":
      figures.clicks > 0
        ? [["action_type": "outbound_click", "value": .text(figures.clicks)]] : nil
    case "cost_per_action_type":
      actions.isEmpty
        ? nil
        : .array(
          actions.map {
            [
              "action_type": .string($0.type),
              "value": .string(Self.decimal(spend / Double($0.count))),
            ]
          })
    default: nil
    }
  }

  /// An amount of minor units as insights write it: in major units, with the currency's decimals.
  private func amount(_ minorUnits: Int64) -> String {
    let currency = view.world.settings.currency
    return FixedDecimal.text(
      Double(minorUnits) / Double(currency.minorUnitsPerMajor), decimals: currency.decimals)
  }

  private var spend: Double {
    Double(figures.spend) / Double(view.world.settings.currency.minorUnitsPerMajor)
  }

  /// Every seventh click is one on the page's name or the like.
  private var allClicks: Int { figures.clicks + figures.clicks / 6 }

  /// People who saw an ad at least once, where each impression meets anybody.
  private var reach: Int {
    let impressions = Double(figures.impressions)
    let reach = people * (1 - PortableMath.exp(-impressions / people))
    return min(max(Int(clamping: reach.rounded()), 1), figures.impressions)
  }

  private struct Action {
    let type: String
    let count: Int
    /// How many of them followed a view alone.
    let views: Int
  }

  /// What people did. Several types may count the same deeds, as they do with Meta.
  private var actions: [Action] {
    let views = figures.leads / 8
    return [
      Action(type: "link_click", count: figures.clicks, views: 0),
      Action(type: "landing_page_view", count: figures.clicks - figures.clicks / 7, views: 0),
      Action(type: "lead", count: figures.leads, views: views),
      Action(type: "offsite_conversion.fb_pixel_lead", count: figures.leads, views: views),
    ].filter { $0.count > 0 }
  }

  private func json(_ action: Action) -> JSONValue {
    var members: [(key: String, value: JSONValue?)] = [
      ("action_type", .string(action.type)), ("value", .text(action.count)),
    ]
    for window in windows {
      let count: Int
      switch window {
      case "default", "dda": count = action.count
      case "7d_click", "28d_click": count = action.count - action.views
      case "1d_click": count = action.count - action.views - action.count / 4
      case "1d_view": count = action.views
      default: count = 0  // Windows of which Meta tells nothing any more, or nothing of such actions.
      }
      if count > 0, window != "default" { members.append((window, .text(count))) }
    }
    return .present(members)
  }

  /// A ratio with up to six decimals.
  private static func decimal(_ value: Double) -> String {
    var text = FixedDecimal.text(value, decimals: 6)[...]
    while text.last == "0" { text.removeLast() }
    return String(text.last == "." ? text.dropLast() : text)
  }
}
