import RemoteAPIs
import Synchronization

/// What came of calls that are made elsewhere.
final class Outcome: Sendable {
  private let state = Mutex<(error: HubSpotError?, successes: Int)>((nil, 0))

  var error: HubSpotError? { state.withLock(\.error) }
  var successes: Int { state.withLock(\.successes) }

  func set(_ error: HubSpotError) { state.withLock { $0.error = error } }
  func count() { state.withLock { $0.successes += 1 } }
}
