import App
import ArgumentParser
import Execution
import Foundation
import Logging
import Platforms
import RemoteAPIs
import Sandbox
import Simulator
import Storage
import StorageSQLite
import Values

/// `benchmarks loop`: how long an account's way from the platform's figures to proposed changes takes, against a sandbox in
/// the same process, whose time is in it.
struct LoopBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loop", abstract: "Read figures, decide and propose for a large account, and print a line of JSON.")

  @Option(help: "How many ads there are, up to 50 in each ad set.")
  var ads = 1_000
  @Option(help: "How many ad sets there are.")
  var adSets = 20
  @Option(help: "How often it is done; the median is told.")
  var rounds = 1

  func run() async throws {
    var world = WorldSettings(.base, start: Instant(startOf: SystemClock.now.utcDay.adding(days: -rounds - 1)))
    world.market.initialAds = ads
    world.market.dailyBudget = 50 * Double(ads)
    world.adSets = adSets
    guard let account = AccountID("loop") else { throw ExitCode(1) }
    var settings = TrialSettings(account, world)
    settings.mode = .approve
    let sandbox = try Sandbox(settings.sandbox, transport: AsyncHTTPTransport.shared, wallClock: { SystemClock.now })
    let folder = FileManager.default.temporaryDirectory.appending(path: "loop-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let database = try SQLiteDatabase(path: folder.appending(path: "loop.sqlite").path)
    try await SandboxServer { await sandbox.reply(to: $0) }.serve { [settings, rounds] url in
      let logger = Logger(label: "loop") { _ in SwiftLogNoOpLogHandler() }
      let trial = try await Trial(settings, sandbox: sandbox, at: url, on: database, logger: logger)
      try await trial.setUp()
      var (syncs, whole): ([Double], [Double]) = ([], [])
      var changes = 0
      for _ in 0..<rounds {
        await sandbox.advance(seconds: 86_400)
        let start = ContinuousClock.now
        _ = try await trial.system.metaSync.sync(account)
        syncs.append((ContinuousClock.now - start) / .seconds(1))
        let outcome = try await trial.system.optimization.optimize(.init(account: account))
        whole.append((ContinuousClock.now - start) / .seconds(1))
        changes = outcome.batch?.changes.count ?? 0
      }
      let text = { (times: [Double]) in String(format: "%.2f", times.sorted()[times.count / 2]) }
      print(
        """
        {"benchmark":"loop","ads":\(ads),"ad_sets":\(adSets),"sync_seconds":\(text(syncs)),\
        "seconds":\(text(whole)),"changes_of_the_last":\(changes)}
        """)
    }
    await database.shutDown()
  }
}
