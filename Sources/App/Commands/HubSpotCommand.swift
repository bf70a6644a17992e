import ArgumentParser
import Features
import Values

/// `hubspot`: which portal belongs to which account, and what became of its events.
struct HubSpotCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hubspot", abstract: "Connect HubSpot's accounts, called portals, and see how they are read.",
    subcommands: [Map.self, Portals.self, Status.self])

  struct Map: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give a portal to an account; events that waited for that are worked off.")

    @Option(help: "HubSpot's number of its account, the Hub ID.")
    var portal: Int64
    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let deals = try await system.hubSpot.map(
          portal: portal, to: account.account, by: .commandLine)
        Console.print(
          "Portal \(portal) belongs to \(account.account)"
            + (deals == 0 ? "." : "; events of \(deals) deals that waited will be worked off."))
      }
    }
  }

  struct Portals: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the portals that are mapped, and those whose events wait for that.")

    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await reportingFailures {
        let portals = try await database.withSystem { try await $0.hubSpot.portals() }
        var table = Table(["portal", "account", "last compared", "deals checked", "repaired", "events waiting"])
        for portal in portals.mapped {
          table.add([
            "\(portal.id)", portal.accountID.value, portal.reconciledAt.map { "\($0)" } ?? "never",
            "\(portal.dealsChecked)", "\(portal.dealsRepaired)", "",
          ])
        }
        for portal in portals.unmapped {
          table.add(["\(portal.portalID)", "none: geminivideo hubspot map", "", "", "", "\(portal.events)"])
        }
        Console.print(table.text)
      }
    }
  }

  struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show how far the account's events are worked off, and which deals cannot be counted.")

    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await reportingFailures {
        try await database.withSystem { system in
          let status = try await system.hubSpot.status(of: account.account)
          Console.print(
            "Events: \(status.queued) wait, \(status.applied) worked in, \(status.ignored) that concern no deal.")
          if !status.held.isEmpty {
            var table = Table(["deal", "why it is not counted as HubSpot has it"])
            for deal in status.held { table.add([deal.dealID, deal.reason]) }
            Console.print(table.text)
          }
          let credits = try await system.attributions.list(of: account.account, credited: false, limit: 50)
          guard !credits.isEmpty else { return }
          var table = Table(["deal of no ad", "why"])
          for credit in credits { table.add([credit.dealID, credit.attribution.reason]) }
          Console.print(table.text)
        }
      }
    }
  }
}
