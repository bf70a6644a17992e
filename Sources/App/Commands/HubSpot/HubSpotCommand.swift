import ArgumentParser
import Measurement
import Platforms
import Values

/// `hubspot`: which portal is mapped to which account, and the state of its events.
struct HubSpotCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hubspot",
    abstract: "Map HubSpot's accounts, called portals, to accounts, and show the state of their events.",
    subcommands: [Map.self, Forget.self, Portals.self, Status.self])

  struct Map: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Map a portal to an account; the events that waited for that are processed.")

    @Option(help: "HubSpot's id of the portal, the Hub ID.")
    var portal: Int64
    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let mapping = try await system.hubSpot.map(
          portal: portal, to: account.account, by: .commandLine)
        Console.print(
          "Portal \(portal) is mapped to \(account.account)"
            + (mapping.deals == 0 ? "." : "; the waiting events of \(mapping.deals) deals will be processed."))
        if mapping.foreignEvents > 0 {
          Console.print(
            "\(mapping.foreignEvents) waiting events were deleted: the secret that signed them is not valid for "
              + "\(account.account).")
        }
      }
    }
  }

  struct Forget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete the events that wait for an unmapped portal.")

    @Option(help: "HubSpot's id of the portal, the Hub ID.")
    var portal: Int64
    @Flag(help: "Refuse the portal's further events until it is mapped.")
    var close = false
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let events = try await system.hubSpot.forget(portal: portal, isClosed: close)
        Console.print(
          "\(events) events of portal \(portal) were deleted" + (close ? "; further ones are refused." : "."))
      }
    }
  }

  struct Portals: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the mapped portals, and those whose events wait for a mapping.")

    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await reportingFailures {
        try await database.withSystem { system in
          try await show(system)
        }
      }
    }

    private func show(_ system: System) async throws {
      let portals = try await system.hubSpot.portals()
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
      HubSpotCommand.show(try await system.hubSpot.refusals())
    }
  }

  /// Prints which events were not stored, and why; nothing where all were.
  private static func show(_ refusals: [HubSpotRefusal]) {
    guard !refusals.isEmpty else { return }
    var table = Table(["portal", "refused", "why", "last", "details of the last"])
    for refusal in refusals {
      table.add([
        "\(refusal.portalID)", "\(refusal.events)", refusal.reason, "\(refusal.lastAt)", refusal.detail,
      ])
    }
    Console.print(table.text)
  }

  struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show how far the account's events have been processed, and which deals cannot be counted.")

    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await reportingFailures {
        try await database.withSystem { system in
          let status = try await system.hubSpot.status(of: account.account)
          Console.print(
            "Events: \(status.queued) waiting, \(status.applied) applied, \(status.ignored) not about a deal.")
          HubSpotCommand.show(status.refusals)
          if !status.held.isEmpty {
            var table = Table(["deal", "why it is not counted as in HubSpot"])
            for deal in status.held { table.add([deal.dealID, deal.reason]) }
            Console.print(table.text)
          }
          let credits = try await system.attributions.list(of: account.account, credited: false, limit: 50)
          guard !credits.isEmpty else { return }
          var table = Table(["deal without an ad", "why"])
          for credit in credits { table.add([credit.dealID, credit.attribution.reason]) }
          Console.print(table.text)
        }
      }
    }
  }
}
