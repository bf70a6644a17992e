import FakeHubSpot
import RemoteAPIs
import Sandbox
import Synchronization
import TestKit
import Values

/// A fake HubSpot, a client and the clock that both go by. Waiting moves the clock instead of taking time.
struct ClientBench: Sendable {
  /// Waits that were asked for.
  final class Waits: Sendable {
    private let waits = Mutex<[Duration]>([])

    var all: [Duration] { waits.withLock { $0 } }

    func add(_ wait: Duration) { waits.withLock { $0.append(wait) } }
  }

  let clock = ManualClock()
  let fake: FakeHubSpot
  let waits = Waits()

  init() {
    fake = FakeHubSpot(clock: clock.now)
  }

  /// A client of `transport` whose jitter is always one half of its most.
  func client(
    _ transport: any HTTPTransport, _ baseURL: String = "https://api.hubapi.com", token: String = "pat-na1-fake",
    timeLimit: Duration = .seconds(30)
  ) -> HubSpotClient {
    HubSpotClient(
      transport: transport, baseURL: baseURL, token: Secret(token), timeLimit: timeLimit, now: clock.now,
      sleep: { wait in
        waits.add(wait)
        let (seconds, attoseconds) = wait.components
        clock.set(
          to: Instant(
            microseconds: clock.now().microseconds + seconds * 1_000_000 + attoseconds / 1_000_000_000_000))
      }, uniform: { 0.5 })
  }

  /// Runs `body` with a client that calls the fake over the network.
  func run(_ body: @escaping @Sendable (HubSpotClient) async throws -> Void) async throws {
    try await withNetwork { transport in
      try await fake.serve { url in try await body(client(transport, url)) }
    }
  }
}

/// Runs `body` with a transport over the network.
func withNetwork(_ body: (AsyncHTTPTransport) async throws -> Void) async throws {
  let transport = AsyncHTTPTransport()
  do {
    try await body(transport)
  } catch {
    await transport.shutDown()
    throw error
  }
  await transport.shutDown()
}
