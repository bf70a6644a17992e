import ArgumentParser
import Creatives
import Formats
import Values

/// `winners`: the memory of winners.
struct WinnersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "winners", abstract: "Find ads that won by what they are made of, and see what is remembered of them.",
    subcommands: [
      Search.self, Add.self, List.self, Stats.self, Rebuild.self, Export.self, Import.self,
      UsePgvector.self,
    ])

  struct Search: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Find the winners closest to a text or an ad.")

    @Argument(help: "The text.")
    var text: String?
    @Option(help: "An ad to compare with, in place of a text.")
    var ad: AdID?
    @Option(help: "How many at most, 1 to 100.")
    var top = 5
    @Option(help: "The least similarity, -1 to 1.")
    var minSimilarity: Double?
    @Option(help: "The least CTR when it came to win.")
    var minCtr: Double?
    @Option(help: "The least pipeline ROAS when it came to win.")
    var minRoas: Double?
    @Flag(help: "Leave out ads that do not win any more.")
    var stillWinning = false
    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func validate() throws {
      guard (text == nil) != (ad == nil) else { throw ValidationError("say a text, or --ad AD") }
      guard WinnerQuery.limits.contains(top) else { throw ValidationError("--top must be 1 to 100") }
      guard text?.isEmpty != true else { throw ValidationError("the text must not be empty") }
    }

    func run() async throws {
      var query = WinnerQuery(ad.map { .ad($0) } ?? .text(text ?? ""))
      (query.limit, query.minSimilarity) = (top, minSimilarity)
      (query.filter.minCTR, query.filter.minROAS) = (minCtr, minRoas)
      query.filter.onlyWinning = stillWinning
      try await database.run { [query] system in
        let findings = try await system.winners.search(query, of: account.account)
        var table = WinnerTableText(with: "similarity")
        for found in findings.found {
          table.add(found.remembered, FixedDecimal.text(found.similarity, decimals: 3))
        }
        Console.print(table.text)
      }
    }
  }

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remember an ad as a winner, whatever its figures say.")

    @Argument(help: "The ad: one with figures or creative DNA.")
    var ad: AdID
    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let added = try await system.winners.add(ad, of: account.account)
        let state = added.remembered.waits.map { "It cannot be searched yet: \($0)." } ?? "It can be searched."
        Console.print("Ad \(ad) \(added.wasKnown ? "was remembered before" : "is remembered"). \(state)")
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List winners, in the order of their ads.")

    @Flag(help: "Only those that cannot be searched yet, with the reason.")
    var waiting = false
    @Option(help: "Only ads behind this one.")
    var after: AdID?
    @Option(help: "How many at most, 1 to \(WinnerService.page).")
    var limit = 50
    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        var table = WinnerTableText(with: "waits because")
        let found = try await system.winners.list(
          after: after, limit: limit, onlyWaiting: waiting, of: account.account)
        for winner in found { table.add(winner, winner.waits ?? "") }
        Console.print(table.text)
      }
    }
  }

  struct Stats: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show how the memory stands, and what is missing.")

    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let stats = try await system.winners.stats(of: account.account)
        var table = Table(["what", "how many"], rightAligned: [1])
        for (name, count) in [
          ("winners", stats.counts.winners), ("still winning", stats.counts.winning),
          ("can be searched", stats.counts.embedded), ("to be embedded anew", stats.counts.outdated),
          ("wait for creative DNA", stats.counts.withoutDNA), ("refused by the model", stats.counts.refused),
        ] {
          table.add([name, "\(count)"])
        }
        Console.print(table.text)
        Console.print(stats.gap.map { "Missing: \($0)." } ?? "Texts are embedded by \(stats.model ?? "nothing").")
      }
    }
  }

  struct Rebuild: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Judge all ads anew, and embed what is of another model or an older text.",
      discussion: "A worker does it; geminivideo winners stats shows how far it is.")

    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        try await system.winners.rebuild(account.account)
        Console.print("A worker judges the ads of \(account.account) and embeds its winners.")
      }
    }
  }
}

/// Winners in columns, with one column of the command's own.
private struct WinnerTableText {
  private var table: Table

  init(with column: String) {
    table = Table(["ad", column, "won by", "won at", "wins", "CTR then", "ROAS then", "CTR now", "ROAS now"])
  }

  mutating func add(_ remembered: WinnerService.Remembered, _ own: String) {
    let winner = remembered.winner
    table.add([
      winner.adID.value, own, winner.reason.rawValue, winner.wonAt.description, winner.isWinning ? "yes" : "no",
      Self.text(winner.then.ctr, 4), Self.text(winner.then.pipelineROAS, 2), Self.text(remembered.now?.ctr, 4),
      Self.text(remembered.now?.pipelineROAS, 2),
    ])
  }

  private static func text(_ number: Double?, _ decimals: Int) -> String {
    number.map { FixedDecimal.text($0, decimals: decimals) } ?? ""
  }

  var text: String { table.text }
}
