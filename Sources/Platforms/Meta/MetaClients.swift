import RemoteAPIs
import Synchronization
import Values

/// Clients of Meta's API: one for each connection, because a client remembers limits.
package final class MetaClients: Sendable {
  private let settings: MetaSettings
  private let transport: any HTTPTransport
  private let clock: @Sendable () -> Instant
  private let sleep: @Sendable (Duration) async throws -> Void
  private let clients = Mutex<[AccountID: Kept]>([:])

  private struct Kept {
    let credentials: MetaCredentials
    let client: MetaClient
  }

  /// Calls go through `transport`; `clock` returns the current moment and `sleep` waits.
  package init(
    settings: MetaSettings, transport: any HTTPTransport, clock: @escaping @Sendable () -> Instant,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.settings = settings
    self.transport = transport
    self.clock = clock
    self.sleep = sleep
  }

  /// The client of a connection whose stored token, where it has one, is `sealedToken`.
  ///
  /// Throws a ``MetaTokenMissing`` that says what to set and where.
  func client(of connection: MetaConnection, sealedToken: String?) throws(MetaTokenMissing) -> MetaClient {
    let credentials = try credentials(of: connection, sealedToken: sealedToken)
    return clients.withLock { clients in
      let account = connection.accountID
      if let kept = clients[account], kept.credentials == credentials, kept.client.adAccount == connection.adAccount {
        return kept.client
      }
      let client = MetaClient(
        transport: transport, adAccount: connection.adAccount, credentials: credentials, settings: settings.api,
        now: clock, sleep: sleep)
      clients[account] = Kept(credentials: credentials, client: client)
      return client
    }
  }

  /// Where a token for `account` would come from if the account does not provide its own; nil where there is none.
  func source(for account: AccountID) -> MetaConnection.TokenSource? {
    if settings.accountTokens[account] != nil { return .account }
    return settings.token == nil ? nil : .shared
  }

  /// Seals a token that `account` provides for `adAccount`. Throws ``MetaTokenMissing/noKey`` where no key is set.
  func seal(
    _ token: Secret, of account: AccountID, _ adAccount: MetaAdAccountID
  ) throws -> String {
    guard let box = settings.secretBox else { throw MetaTokenMissing.noKey }
    return try box.seal(token, for: Self.context(account, adAccount))
  }

  private func credentials(
    of connection: MetaConnection, sealedToken: String?
  ) throws(MetaTokenMissing) -> MetaCredentials {
    switch connection.tokenSource {
    case .account:
      guard let token = settings.accountTokens[connection.accountID] else {
        throw .notSet("META_ACCESS_TOKENS, under \(connection.accountID),")
      }
      return MetaCredentials(token: token, appSecret: settings.appSecret)
    case .shared:
      guard let token = settings.token else { throw .notSet("META_ACCESS_TOKEN") }
      return MetaCredentials(token: token, appSecret: settings.appSecret)
    case .stored:
      guard let box = settings.secretBox else { throw .noKey }
      do throws(SecretBoxError) {
        let context = Self.context(connection.accountID, connection.adAccount)
        // Whoever provided it may have issued it for another app than this process's, whose secret would then prove
        // nothing.
        return MetaCredentials(token: try box.open(sealedToken ?? "", for: context))
      } catch {
        throw .sealed(error)
      }
    }
  }

  /// The context for which a token is sealed: another account that obtained it could not use it.
  private static func context(_ account: AccountID, _ adAccount: MetaAdAccountID) -> String {
    "meta_connections/\(account)/\(adAccount)"
  }
}

/// There is no access token for a connection; says what to set, and where.
package enum MetaTokenMissing: Error, Equatable, Sendable, CustomStringConvertible {
  /// The environment variable is not set.
  case notSet(String)
  /// The token is or would be stored sealed, and there is no key.
  case noKey
  /// The token is stored sealed and cannot be opened.
  case sealed(SecretBoxError)

  package var description: String {
    switch self {
    case .notSet(let name):
      "\(name) is not set in the environment of this process: set it to an access token with ads_read, or provide the "
        + "token once with geminivideo meta connect --token-stdin"
    case .noKey:
      "access tokens are stored sealed, and GEMINIVIDEO_SECRET_KEY is not set: it "
        + "\(SecretBox.keyRule). Set it for every process of this system, and keep it"
    case .sealed(let error):
      "the stored access token cannot be opened: \(error). Restore the key, or provide the token again with "
        + "geminivideo meta connect"
    }
  }
}
