import Formats
import Values

/// An object of the Graph.
enum GraphNode: Hashable, Sendable {
  case account
  case campaign(Int)
  case adSet(Int)
  case ad(Int)

  init(_ place: ObjectPlace) {
    switch place {
    case .campaign(let position): self = .campaign(position)
    case .adSet(let position): self = .adSet(position)
    case .ad(let position): self = .ad(position)
    }
  }

  /// Where it stands among the world's objects of its kind, which only ever become more.
  var position: Int {
    switch self {
    case .account: 0
    case .campaign(let position), .adSet(let position), .ad(let position): position
    }
  }

  /// The kind's name in Meta's messages.
  var type: String {
    switch self {
    case .account: "AdAccount"
    case .campaign: "Campaign"
    case .adSet: "AdSet"
    case .ad: "Ad"
    }
  }
}

/// The world as the Graph API shows it at a moment.
struct GraphView {
  let world: AdWorld
  let account: String
  let now: Instant
  /// How figures differ from the truth while they are young; nil where they do not.
  var restatement: Restatement?

  /// An object with the fields that are asked for, and its number.
  func json(_ node: GraphNode, _ fields: GraphFields) throws(GraphError) -> JSONValue {
    var members: [(key: String, value: JSONValue?)] = []
    for field in fields.fields where field.name != "id" {
      members.append((field.name, try value(field, of: node)))
    }
    members.append(("id", .string(id(of: node))))
    return .present(members)
  }

  /// An object's number; that of the account with its prefix.
  func id(of node: GraphNode) -> String {
    switch node {
    case .account: "act_\(account)"
    case .campaign(let position): world.campaigns[position].head.id
    case .adSet(let position): world.adSets[position].head.id
    case .ad(let position): world.ads[position].head.id
    }
  }

  private func value(_ field: GraphFields.Field, of node: GraphNode) throws(GraphError)
    -> JSONValue?
  {
    if let nested = try nested(field, of: node) { return nested }
    if field.name == "account_id" { return .string(account) }
    let found: JSONValue?
    switch node {
    case .account: found = accountValue(field.name)
    case .campaign(let position): found = campaignValue(field.name, position)
    case .adSet(let position): found = adSetValue(field.name, position)
    case .ad(let position): found = adValue(field.name, position)
    }
    if let found { return found }
    guard Self.emptyFields.contains(field.name) else {
      throw .invalid(
        "Tried accessing nonexistent field (\(field.name)) on node type (\(node.type))")
    }
    return nil
  }

  /// Another object that a field leads to.
  private func nested(_ field: GraphFields.Field, of node: GraphNode) throws(GraphError)
    -> JSONValue?
  {
    let fields = field.fields ?? GraphFields([])
    switch (field.name, node) {
    case ("campaign", .adSet(let position)):
      return try json(.campaign(world.adSets[position].campaign), fields)
    case ("campaign", .ad(let position)):
      return try json(.campaign(world.adSets[world.ads[position].adSet].campaign), fields)
    case ("adset", .ad(let position)): return try json(.adSet(world.ads[position].adSet), fields)
    default: return nil
    }
  }

  /// Fields that exist and that nothing is told of, whatever the object.
  private static let emptyFields: Set<String> = [
    "ad_review_feedback", "adlabels", "bid_amount", "bid_info", "bid_strategy", "business", "configured_targeting",
    "conversion_domain", "end_time", "failed_delivery_checks", "funding_source_details",
    "is_adset_budget_sharing_enabled", "issues_info", "lifetime_spend_cap", "pacing_type", "preview_shareable_link",
    "promoted_object", "recommendations", "source_ad", "source_adset_id", "stop_time", "targeting", "tracking_specs",
  ]

  private func accountValue(_ field: String) -> JSONValue? {
    switch field {
    case "name": "Sandbox"
    case "account_status": 1
    case "disable_reason": 0
    case "currency": .string(world.settings.currency.code)
    case "timezone_name": .string(world.calendar.name)
    case "timezone_id": 1
    case "timezone_offset_hours_utc": .decimal(Double(world.calendar.offset(at: now)) / 3_600)
    case "amount_spent": .text(world.ads.reduce(0) { $0 + $1.days.reduce(0) { $0 + $1.spend } })
    case "balance", "spend_cap": "0"
    case "min_daily_budget": .integer(world.settings.minimumBudget)
    case "user_tasks": ["DRAFT", "ANALYZE", "ADVERTISE", "MANAGE"]
    case "created_time": .string(world.calendar.text(world.beginning))
    case "is_prepay_account": false
    default: nil
    }
  }

  private func head(_ field: String, _ head: ObjectHead, _ effective: EffectiveStatus) -> JSONValue? {
    switch field {
    case "name": .string(head.name)
    case "status", "configured_status": .string(head.status.rawValue)
    case "effective_status": .string(effective.rawValue)
    case "created_time", "start_time": .string(world.calendar.text(head.createdAt))
    case "updated_time": .string(world.calendar.text(head.updatedAt))
    default: nil
    }
  }

  private func budgetValue(_ field: String, _ budget: Budget?) -> JSONValue? {
    switch field {
    case "daily_budget": budget.map { .text($0.daily) }
    case "lifetime_budget": "0"
    case "budget_remaining":
      .text(max((budget?.daily ?? 0) - (budget?.charges[world.day(of: now)] ?? 0), 0))
    case "is_budget_schedule_enabled": false
    default: nil
    }
  }

  private func campaignValue(_ field: String, _ position: Int) -> JSONValue? {
    let campaign = world.campaigns[position]
    if field == "daily_budget", campaign.budget == nil { return .string("0") }
    switch field {
    case "objective": return "OUTCOME_LEADS"
    case "buying_type": return "AUCTION"
    case "special_ad_categories": return []
    case "spend_cap": return "0"
    case "is_adset_budget_sharing_enabled": return campaign.budget == nil ? .bool(false) : nil
    case "bid_strategy": return campaign.budget == nil ? nil : "LOWEST_COST_WITHOUT_CAP"
    default:
      return budgetValue(field, campaign.budget)
        ?? head(field, campaign.head, world.effectiveStatus(ofCampaign: position))
    }
  }

  private func adSetValue(_ field: String, _ position: Int) -> JSONValue? {
    let adSet = world.adSets[position]
    let budget = world.budget(at: .adSet(position))
    if field == "daily_budget", budget == nil { return .string("0") }
    switch field {
    case "campaign_id": return .string(world.campaigns[adSet.campaign].head.id)
    case "optimization_goal": return "OFFSITE_CONVERSIONS"
    case "billing_event": return "IMPRESSIONS"
    case "bid_strategy": return "LOWEST_COST_WITHOUT_CAP"
    case "is_dynamic_creative": return false
    case "learning_stage_info": return learning(position)
    default:
      return budgetValue(field, budget)
        ?? head(field, adSet.head, world.effectiveStatus(ofAdSet: position))
    }
  }

  /// Meta has learnt once an ad set has brought 50 results since its last significant edit; where that takes more than a
  /// week, it has failed for the time being.
  private func learning(_ position: Int) -> JSONValue {
    let adSet = world.adSets[position]
    let (first, today) = (world.day(of: adSet.lastSignificantEdit), world.day(of: now))
    let leads = (first...max(first, today)).reduce(0) { sum, day in
      sum + adSet.ads.reduce(0) { $0 + world.ads[$1].figures(on: day).leads }
    }
    let status = leads >= 50 ? "SUCCESS" : today - first > 7 ? "FAIL" : "LEARNING"
    return [
      "status": .string(status), "conversions": .integer(leads),
      "last_sig_edit_ts": .integer(adSet.lastSignificantEdit.seconds),
      "attribution_windows": ["1d_view", "7d_click"],
    ]
  }

  private func adValue(_ field: String, _ position: Int) -> JSONValue? {
    let ad = world.ads[position]
    let adSet = world.adSets[ad.adSet]
    switch field {
    case "adset_id": return .string(adSet.head.id)
    case "campaign_id": return .string(world.campaigns[adSet.campaign].head.id)
    case "creative": return ["id": .string(ad.origin?.creative ?? "\(ad.head.id)9")]
    case "adlabels": return (ad.origin?.labels).map { .array($0.map { ["name": .string($0)] }) }
    case "ad_review_feedback":
      return world.effectiveStatus(ofAd: position) == .disapproved
        ? ["global": ["UNACCEPTABLE_BUSINESS_PRACTICES": "The ad promises more than it can hold."]]
        : nil
    case "bid_type": return "ABSOLUTE_OCPM"
    default: return head(field, ad.head, world.effectiveStatus(ofAd: position))
    }
  }
}
