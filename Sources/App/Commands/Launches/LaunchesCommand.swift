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
    abstract: "Turn videos into ads at Meta, always paused, and show the results of their review.",
    subcommands: [Start.self, List.self, Show.self, Retry.self])

  struct Start: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Turn a video into a paused ad of an ad set.",
      discussion: """
        A worker sends the video, waits until Meta has prepared it, and creates a creative and an ad from it. Clicks \
        are credited to the ad by parameters of its link. Nothing activates the ad: somebody does that in Ads Manager, \
        once reviewers have approved it.
        """)

    @OptionGroup var account: AccountOption
    @Option(help: "The ad's name.")
    var name: String
    @OptionGroup var video: VideoOption
    @Option(
      help: "A picture (JPEG or PNG) shown before the video plays; by default one that Meta takes from the video.")
    var thumbnail: String?
    @Option(help: "The page that publishes the ad.")
    var page: MetaID
    @Option(help: "The Instagram account that publishes the ad; required by ad sets that show ads on Instagram.")
    var instagramUser: MetaID?
    @Option(help: "The ad set of the ad.")
    var adSet: MetaID
    @Option(help: "The text above the video.")
    var text: String
    @Option(help: "The headline.")
    var headline: String
    @Option(help: "The text beside the headline.")
    var description: String?
    @Option(help: "The target of a click: an https URL.")
    var link: String
    @Option(
      help: "The text of the button: \(MetaCallToAction.allCases.map(\.rawValue).joined(separator: ", ")).")
    var callToAction = MetaCallToAction.learnMore
    @Option(help: "The pixel that reports what visitors do.")
    var pixel: MetaID?
    @Option(help: "The domain on which visitors convert, such as example.com.")
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
          "Launch \(launch.id) is requested. A worker does it; geminivideo launches show \(launch.id) tells how far."
        )
      }
    }

    fileprivate static func absolute(_ path: String) -> String { URL(filePath: path).standardizedFileURL.path }
  }

  /// The source of a video.
  struct VideoOption: ParsableArguments {
    @Option(help: "The video: a file that the worker can read too, and that must not change until it has been sent.")
    var video: String?
    @Option(help: "The video: an https URL from which Meta can fetch it.")
    var videoUrl: String?

    func validate() throws {
      guard (video == nil) != (videoUrl == nil) else {
        throw ValidationError("give --video FILE or --video-url URL")
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
    @Option(help: "The most launches to print, 1 to \(LaunchService.page).")
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
      abstract: "Show a launch as JSON: its progress, what it has created, and the result of its review.")

    @Argument(help: "The launch's id.")
    var id: TimedID
    @Flag(help: "Ask Meta for the current result of the review instead of showing the last one.")
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
      abstract: "Retry a launch from where it stopped; what it has created is not created again.")

    @Argument(help: "The launch's id.")
    var id: TimedID
    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let launch = try await system.launches.retry(id, of: account.account, by: .commandLine)
        Console.print("Launch \(id) is \(launch.state.rawValue) again. A worker will continue it.")
      }
    }
  }
}

extension LaunchState: ExpressibleByArgument {}

extension MetaCallToAction: ExpressibleByArgument {}

extension MetaID: ExpressibleByArgument {
  /// Reads an id of Meta's from the command line.
  package init?(argument: String) {
    self.init(argument)
  }
}
