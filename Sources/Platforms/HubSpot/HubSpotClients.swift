import RemoteAPIs
import Synchronization
import Values

/// Clients of HubSpot's API, one for each account, because a client counts its calls.
package final class HubSpotClients: Sendable {
  private let settings: HubSpotSettings
  private let transport: any HTTPTransport
  private let clock: @Sendable () -> Instant
  private let clients = Mutex<[AccountID: HubSpotClient]>([:])

  private let sleep: @Sendable (Duration) async throws -> Void

  /// Calls go through `transport`; `clock` returns the current moment and `sleep` waits.
  package init(
    settings: HubSpotSettings, transport: any HTTPTransport, clock: @escaping @Sendable () -> Instant,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.sleep = sleep
    self.settings = settings
    self.transport = transport
    self.clock = clock
  }

  /// The account's client; nil where there is no token for it.
  ///
  /// A token opens one HubSpot account, so a token that was configured without naming an account is used for the only
  /// connected account; where `isOnly` returns false, it is used for none.
  func client(of account: AccountID, isOnly: () async throws -> Bool) async throws -> HubSpotClient? {
    var token = settings.accountTokens[account]
    if token == nil, let common = settings.token, try await isOnly() { token = common }
    guard let token else { return nil }
    return clients.withLock { clients in
      if let client = clients[account] { return client }
      let client = HubSpotClient(
        transport: transport, baseURL: settings.apiURL, token: token, now: clock, sleep: sleep)
      clients[account] = client
      return client
    }
  }
}
