import ArgumentParser
import DecisionEngine
import Formats
import Measurement
import Values

/// `ads`: which ads of an account run.
struct AdsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ads", abstract: "Show which ads run, and state it where files and figures do not.",
    discussion: """
      Decisions are about running ads. What a person states here takes precedence over an export's delivery
      column, which takes precedence over the figures: an ad without delivery in the last \(AdDelivery.silentDays) days
      with figures is inferred to have ended.
      """,
    subcommands: [List.self, Pause.self, Activate.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the account's ads with their state, its source, and their last day of delivery.")

    @OptionGroup var account: AccountOption
    @Argument(help: "Only these ads.")
    var ads: [AdID] = []
    @Flag(help: "Print lines of JSON.")
    var json = false
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let ads = try await system.ads.list(ads, of: account.account)
        if json {
          for ad in ads { Console.print(AdsCommand.line(ad)) }
          return
        }
        let freshness = try await system.ads.freshness(of: account.account)
        Console.print(AdsCommand.table(ads, freshness))
      }
    }
  }

  struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Leave ads out of decisions until they are activated.")

    @OptionGroup var account: AccountOption
    @Argument(help: "The ads.")
    var ads: [AdID]
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await AdsCommand.set(.paused, ads, account, database)
    }
  }

  struct Activate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Include ads in decisions, whatever files and figures say.")

    @OptionGroup var account: AccountOption
    @Argument(help: "The ads.")
    var ads: [AdID]
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await AdsCommand.set(.active, ads, account, database)
    }
  }

  private static func set(
    _ state: DeliveryState, _ ads: [AdID], _ account: AccountOption, _ database: DatabaseOption
  ) async throws {
    try await database.run { system in
      let changed = try await system.ads.setDelivery(state, of: ads, account: account.account, by: .commandLine)
      Console.print(
        changed.isEmpty
          ? "Nothing changed: each was \(state.rawValue) already"
          : changed.map { "\($0) is \(state.rawValue)" }.joined(separator: "\n"))
    }
  }

  private static func table(_ ads: [KnownAds.Ad], _ freshness: FiguresFreshness) -> String {
    var table = Table(["ad", "name", "state", "source", "last delivery", "reason"])
    for ad in ads {
      table.add([
        ad.state.adID.value, String((ad.name ?? "").prefix(32)), ad.delivery.state.rawValue, ad.delivery.sourceName,
        ad.delivery.lastDelivery.map { "\($0)" } ?? "never", ad.delivery.reason,
      ])
    }
    let running = ads.count { $0.delivery.state == .active }
    var lines = [table.text, "", "\(Grouped.text(running)) of \(Grouped.text(ads.count)) ads run."]
    if let day = freshness.figuresAsOf { lines.append("Figures as of \(day).") }
    return lines.joined(separator: "\n")
  }

  private static func line(_ ad: KnownAds.Ad) -> String {
    var json = JSONWriter()
    json.object { json in
      json.member("ad_id", ad.state.adID.value)
      json.member("ad_name", ad.name)
      AdDeliveryCoding.write(ad.delivery, to: &json)
    }
    return json.string
  }
}

extension AdID: ExpressibleByArgument {
  /// Reads an ad from the command line.
  public init?(argument: String) {
    self.init(argument)
  }
}
