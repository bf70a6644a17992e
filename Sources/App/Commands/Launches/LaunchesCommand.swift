import ArgumentParser
import Formats
import Foundation
import Platforms
import RemoteAPIs
import Values

/// `launches`: videos that become paused ads.
struct LaunchesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "launches",
    abstract: "Have videos become ads at Meta, always paused, and see what reviewers say of them.",
    subcommands: [Start.self, List.self, Show.self, Retry.self])

  struct Start: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Have a video become a paused ad of an ad set.",
      discussion: """
        A worker sends the video, waits until Meta has prepared it, and makes a creative and an ad of it. Clicks are \
        credited to the ad by what is added to the link. Nothing activates the ad: somebody does that in Ads Manager, \
        once reviewers have approved it.
        """)

    @OptionGroup var account: AccountOption
    @Option(help: "The ad's name.")
    var name: String
    @OptionGroup var video: VideoOption
    @Option(help: "A picture (JPEG or PNG) to be shown before the video plays; else one that Meta takes of the video.")
    var thumbnail: String?
    @Option(help: "The page that the ad is by.")
    var page: MetaID
    @Option(help: "Who the ad is by on Instagram; ad sets that show ads there refuse one without.")
    var instagramUser: MetaID?
    @Option(help: "The ad set that the ad goes into.")
    var adSet: MetaID
    @Option(help: "The text above the video.")
    var text: String
    @Option(help: "The headline.")
    var headline: String
    @Option(help: "The text beside the headline.")
    var description: String?
    @Option(help: "Where a click leads: an https address.")
    var link: String
    @Option(
      help: "What the button says: \(MetaCallToAction.allCases.map(\.rawValue).joined(separator: ", ")).")
    var callToAction = MetaCallToAction.learnMore
    @Option(help: "The pixel that tells of what visitors do.")
    var pixel: MetaID?
    @Option(help: "The domain where they do it, such as example.com.")
    var conversionDomain: String?
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        var order = LaunchOrder(
          name: name, video: try video.source(), pageID: page, adSetID: adSet, text: text, headline: headline,
          link: link)
        order.thumbnailPath = try thumbnail.map { path in
          _ = try LaunchService.stamp(of: path, field: "thumbnail")
          return Self.absolute(path)
        }
        order.instagramUserID = instagramUser
        order.description = description
        order.callToAction = callToAction
        order.pixelID = pixel
        order.conversionDomain = conversionDomain
        let launch = try await system.launches.start(order, of: account.account, by: .commandLine)
        Console.print(
          "Launch \(launch.id) is asked for. A worker does it: geminivideo launches show \(launch.id) tells.")
      }
    }

    fileprivate static func absolute(_ path: String) -> String { URL(filePath: path).standardizedFileURL.path }
  }

  /// Where a video comes from.
  struct VideoOption: ParsableArguments {
    @Option(help: "The video: a file that the worker can read too, and that stays as it is until it has been sent.")
    var video: String?
    @Option(help: "The video: an https address that Meta can fetch it from.")
    var videoUrl: String?

    func validate() throws {
      guard (video == nil) != (videoUrl == nil) else {
        throw ValidationError("say --video FILE or --video-url ADDRESS")
      }
    }

    func source() throws -> LaunchOrder.Video {
      if let videoUrl { return .address(videoUrl) }
      let path = video ?? ""
      return .file(path: Start.absolute(path), try LaunchService.stamp(of: path, field: "video"))
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the account's launches, latest first.")

    @OptionGroup var account: AccountOption
    @Option(help: "Only launches in this state: \(LaunchState.allCases.map(\.rawValue).joined(separator: ", ")).")
    var state: LaunchState?
    @Option(help: "How many at most, 1 to \(LaunchService.page).")
    var limit = 50
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      var filter = LaunchFilter()
      (filter.state, filter.limit) = (state, limit)
      try await database.run { [filter] system in
        var table = Table(["launch", "name", "ad set", "state", "ad", "review", "what it waits for, or why it failed"])
        for launch in try await system.launches.list(filter, of: account.account) {
          table.add([
            "\(launch.id)", launch.order.name, "\(launch.order.adSetID)", launch.state.rawValue,
            launch.adID?.value ?? "", launch.review?.verdict.rawValue ?? "", launch.problem ?? "",
          ])
        }
        Console.print(table.text)
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a launch as JSON: how far it is, what it has made, and what reviewers say.")

    @Argument(help: "The launch's id.")
    var id: TimedID
    @Flag(help: "Ask Meta what reviewers say now, rather than to show what they said when they were last asked.")
    var now = false
    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let launch =
          now
          ? try await system.launches.reviewed(id, of: account.account)
          : try await system.launches.launch(id, of: account.account)
        var json = JSONWriter()
        LaunchCoding.write(launch, to: &json)
        Console.print(JSONWriter.pretty(try JSONReader.read(json.bytes) { try $0.readValue() }))
      }
    }
  }

  struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Have a launch go on where it stopped; what it has made already is not made again.")

    @Argument(help: "The launch's id.")
    var id: TimedID
    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let launch = try await system.launches.retry(id, of: account.account, by: .commandLine)
        Console.print("Launch \(id) is \(launch.state.rawValue) again. A worker goes on with it.")
      }
    }
  }
}

extension LaunchState: ExpressibleByArgument {}

extension MetaCallToAction: ExpressibleByArgument {}

extension MetaID: ExpressibleByArgument {
  /// Reads a number of Meta's from the command line.
  package init?(argument: String) {
    self.init(argument)
  }
}
