import DecisionEngine
import Formats
import Simulator
import Values

/// Writes what becomes of the world's leads into HubSpot: a contact and a deal for each, which goes from stage to stage.
struct DealBook: Sendable {
  private static let firstContact: Int64 = 90_100_000_000
  private static let firstDeal: Int64 = 31_200_000_000

  /// The properties of deals that webhooks tell of.
  static let toldProperties: Set<String> = [
    "ad_id", "amount", "deal_currency_code", "dealstage", "pipeline",
  ]

  /// The number that a deal of the world has in HubSpot.
  static func dealID(_ deal: Int) -> Int64 { firstDeal + Int64(deal) }

  /// The id that HubSpot has for a stage.
  private static func stageID(_ stage: String) -> String { stage.filter { $0 != "_" } }

  /// The pipeline of the account, with the chances of the market.
  static func pipeline(_ world: AdWorld) -> JSONValue {
    let chances = chances(world)
    let open = DealSteps.open.enumerated().map { index, name in
      PortalPipelines.Stage(stageID(name), label(name), chances[index])
    }
    return PortalPipelines.pipeline(
      open + [
        PortalPipelines.Stage(stageID(DealSteps.won), label(DealSteps.won), "1.0", isClosed: true),
        PortalPipelines.Stage(
          stageID(DealSteps.lost), label(DealSteps.lost), "0.0", isClosed: true),
      ], at: world.beginning)
  }

  /// How likely a deal in each open stage is to be won, in the mean over ads.
  private static func chances(_ world: AdWorld) -> [String] {
    world.settings.market.stageRates.indices.map { step in
      FixedDecimal.text(world.settings.market.stageRates[step...].reduce(1, *), decimals: 3)
    }
  }

  /// A stage's name for people: `closed_won` is `Closed Won`.
  private static func label(_ stage: String) -> String {
    stage.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(
      separator: " ")
  }

  /// Writes what happened to a deal.
  static func record(_ happening: DealHappening, _ world: AdWorld, in portal: inout Portal) {
    let stage = DealSteps.stage(of: happening.move)
    var properties = ["dealstage": stageID(stage)]
    var contacts: [Int64]?
    switch happening.move {
    case .entered(0):
      contacts = [addContact(happening, world, to: &portal)]
      properties.merge(first(happening, world)) { $1 }
    case .entered(let position) where position < DealSteps.open.count:
      properties["hs_deal_stage_probability"] = chances(world)[position]
    case .entered, .lost:
      let isWon = stage == DealSteps.won
      properties["hs_is_closed"] = "true"
      properties["hs_is_closed_won"] = "\(isWon)"
      properties["hs_deal_stage_probability"] = isWon ? "1.0" : "0.0"
      properties["closedate"] = writtenText(happening.at)
      properties["amount"] = happening.amount.map {
        "\(Money(minorUnits: $0, of: world.settings.currency))"
      }
    }
    portal.setDeal(dealID(happening.deal), properties, contacts: contacts, at: happening.at)
  }

  /// What a new deal is made with.
  private static func first(_ happening: DealHappening, _ world: AdWorld) -> [String: String] {
    var properties = [
      "dealname": "Lead \(happening.deal)", "pipeline": "default", "hs_is_closed": "false",
      "hs_is_closed_won": "false",
      "deal_currency_code": world.settings.currency.code,
      "hs_deal_stage_probability": chances(world)[0],
      "hs_analytics_source": happening.isAttributed ? "PAID_SOCIAL" : "DIRECT_TRAFFIC",
    ]
    if Carrier(happening, world) == .deal { properties["ad_id"] = world.ads[happening.ad].head.id }
    return properties
  }

  /// What holds the ad's id. Advertisers set their tags up in different ways.
  private enum Carrier {
    case deal, contact, landingPage, tags, nothing

    init(_ happening: DealHappening, _ world: AdWorld) {
      switch happening.deal % 10 {
      case _ where !happening.isAttributed: self = .nothing
      case _ where world.ads[happening.ad].origin != nil: self = .tags
      case 0: self = .deal
      case 1, 2: self = .contact
      default: self = .landingPage
      }
    }
  }

  private static func addContact(
    _ happening: DealHappening, _ world: AdWorld, to portal: inout Portal
  ) -> Int64 {
    let id = firstContact + Int64(happening.deal)
    let visit = happening.at.adding(seconds: -240)
    var properties = [
      "email": "lead\(happening.deal)@example.com", "firstname": "Lead",
      "lastname": "\(happening.deal)",
      "lifecyclestage": "lead",
      "hs_analytics_source": happening.isAttributed ? "PAID_SOCIAL" : "DIRECT_TRAFFIC",
      "hs_analytics_first_visit_timestamp": writtenText(visit),
      "hs_analytics_last_visit_timestamp": writtenText(visit),
    ]
    var address = "https://shop.example.com/offer"
    if happening.isAttributed {
      let ad = world.ads[happening.ad]
      let click = "IwAR\(happening.deal)"
      let tags: String
      switch Carrier(happening, world) {
      case .tags:
        address = ad.origin?.link ?? address
        tags = filled(ad.origin?.urlTags ?? "", for: ad, world)
      case .landingPage:
        tags = "utm_source=facebook&utm_medium=paid_social&utm_content=\(ad.head.id)"
      case .deal, .contact, .nothing: tags = "utm_source=facebook&utm_medium=paid_social"
      }
      address +=
        (address.contains("?") ? "&" : "?") + (tags.isEmpty ? "" : tags + "&") + "fbclid=\(click)"
      if Carrier(happening, world) == .contact { properties["utm_content"] = ad.head.id }
      properties["hs_facebook_click_id"] = click
      properties["hs_facebook_ad_clicked"] = "true"
      properties["hs_analytics_source_data_1"] = "Facebook"
      properties["hs_analytics_source_data_2"] =
        world.campaigns[world.adSets[ad.adSet].campaign].head.name
    }
    properties["hs_analytics_first_url"] = address
    properties["hs_analytics_last_url"] = address
    portal.setContact(id, properties, at: happening.at)
    return id
  }

  /// What Meta makes of an ad's tags when it is clicked.
  private static func filled(_ tags: String, for ad: Ad, _ world: AdWorld) -> String {
    let adSet = world.adSets[ad.adSet]
    let values = [
      "{{ad.id}}": ad.head.id, "{{adset.id}}": adSet.head.id,
      "{{campaign.id}}": world.campaigns[adSet.campaign].head.id,
      "{{ad.name}}": FormText.encoded(ad.head.name),
      "{{placement}}": "Facebook_Mobile_Feed", "{{site_source_name}}": "fb",
    ]
    return values.reduce(tags) { $0.replacing($1.key, with: $1.value) }
  }
}
