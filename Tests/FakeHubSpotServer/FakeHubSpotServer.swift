import ArgumentParser
import FakeHubSpot
import Foundation
import Sandbox
import Values

/// Serves a HubSpot in memory on this machine until it is told to stop.
@main
struct FakeHubSpotServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fake-hubspot", abstract: "Serve a HubSpot in memory, driven by requests to /_fake/.")

  @Option(help: "The port to listen on; 0 for any free one.") var port = 0
  @Option(help: "The access token that callers must show.") var token = "pat-na1-fake"
  @Option(help: "The seed that the faults follow from.") var seed: UInt64 = 1
  @Option(help: "The share of requests that fail, 0 to 1.") var faultRate = 0.0
  @Flag(help: "Tell of object.* instead of deal.* in webhooks.") var genericEvents = false

  func validate() throws {
    guard (0...1).contains(faultRate) else { throw ValidationError("--fault-rate must be 0 to 1") }
  }

  func run() async throws {
    let fake = FakeHubSpot(
      token: token, seed: seed, usesGenericEvents: genericEvents,
      clock: { Instant(microseconds: Int64(clamping: Date().timeIntervalSince1970 * 1_000_000)) })
    fake.setFaults { $0.spread(faultRate) }
    try await fake.run(port: port) { port in
      // Written past the buffer of the standard library, so that who started this can read it at once.
      FileHandle.standardOutput.write(Data("Serving http://127.0.0.1:\(port)\n".utf8))
    }
  }
}
