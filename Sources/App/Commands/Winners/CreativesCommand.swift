import ArgumentParser
import Creatives
import Formats
import Values

/// `creatives`: what ads are made of.
struct CreativesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "creatives", abstract: "Say what ads are made of, by which winners are found again.",
    subcommands: [Import.self, Show.self])

  struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take in the creative DNA of ads from a file.",
      discussion: """
        A table (.csv) with ad_id and columns such as hook_type, visual_style or cta_type, or JSON objects with the same \
        fields, side by side or in groups. Fields of no known kind are kept in JSON; such columns are left out.
        """)

    @Argument(help: "The file.")
    var file: String
    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let count = try await system.creatives.importFile(file, into: account.account)
        Console.print("The creative DNA of \(count) ads was taken from \(file).")
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the creative DNA of an ad as JSON, and the text that stands for it.")

    @Argument(help: "The ad.")
    var ad: AdID
    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let dna = try await system.creatives.dna(of: ad, account: account.account).dna
        var json = JSONWriter()
        json.object { json in
          json.key("dna")
          dna.write(to: &json)
          json.member("text", dna.canonicalText)
        }
        Console.print(JSONWriter.pretty(try JSONReader.read(json.bytes) { try $0.readValue() }))
      }
    }
  }
}
