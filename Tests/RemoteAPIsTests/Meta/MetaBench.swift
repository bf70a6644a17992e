import RemoteAPIs
import Synchronization
import TestKit
import Testing
import Values

/// A clock and clients that go by it. Waiting moves the clock instead of taking time.
struct MetaBench: Sendable {
  let clock = ManualClock()
  private let waited = Shelf()

  private final class Shelf: Sendable {
    let waits = Mutex<[Duration]>([])
  }

  /// The waits that were asked for.
  var waits: [Duration] { waited.waits.withLock { $0 } }

  /// A client of `transport` whose jitter is always one half of its most.
  func client(_ transport: any HTTPTransport, appSecret: String? = nil) throws -> MetaClient {
    let (clock, waited) = (clock, waited)
    return MetaClient(
      transport: transport, adAccount: try #require(MetaAdAccountID("act_123")),
      credentials: MetaCredentials(token: Secret("TOKEN"), appSecret: appSecret.map(Secret.init)), now: clock.now,
      sleep: { wait in
        waited.waits.withLock { $0.append(wait) }
        let (seconds, attoseconds) = wait.components
        clock.set(
          to: Instant(
            microseconds: clock.now().microseconds + seconds * 1_000_000 + attoseconds / 1_000_000_000_000))
      }, uniform: { 0.5 })
  }
}

/// What a call came to.
func failure<Value>(of call: () async throws(MetaError) -> Value) async -> MetaError? {
  do throws(MetaError) {
    _ = try await call()
    return nil
  } catch {
    return error
  }
}
