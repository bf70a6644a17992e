import DecisionEngine
import RemoteAPIs
import Values

/// How a sandbox is asked, and what it does of its own accord.
package struct SandboxSettings: Sendable {
  /// The world that it serves.
  package var world: WorldSettings
  /// What goes wrong, and how often.
  package var faults = FaultRates()
  /// Days that pass in a minute of the wall clock; 0 where time only passes when it is told to.
  package var daysPerMinute = 0.0
  /// Where webhooks are sent; nil for nowhere.
  package var webhookURL: String?
  /// The clock that webhooks are signed by: the receiver's. Nil for the world's.
  package var signatureClock: (@Sendable () -> Instant)?
  /// Is told what the world's clock shows whenever it is moved on, before anybody can ask the sandbox again: for
  /// processes that go by the same clock.
  package var clockMoved: (@Sendable (Instant) -> Void)?
  /// How much Meta's API may be asked.
  package var tier = GraphTier.full

  /// Serves a world without faults, whose clock only moves when it is told to.
  package init(_ world: WorldSettings) {
    self.world = world
  }

  /// What the callers of this sandbox must show, and where. It follows from the seed.
  package var credentials: SandboxCredentials { SandboxCredentials(seed: world.seed) }
}

/// Tokens, secrets and numbers of a sandbox. They look like the vendors' own and open nothing else.
package struct SandboxCredentials: Sendable {
  /// The number of Meta's app.
  package let appID: String
  /// The secret of Meta's app.
  package let appSecret: Secret
  /// The token for Meta's API.
  package let accessToken: Secret
  /// The ad account, such as `act_4711`.
  package let adAccount: String
  /// The number of HubSpot's account.
  package let portalID: Int64
  /// The token for HubSpot's API.
  package let hubSpotToken: Secret
  /// The secret that HubSpot's webhooks are signed with.
  package let clientSecret: Secret

  init(seed: UInt64) {
    var stream = RandomStream(seed: seed, name: "credentials")
    func digits(_ count: Int) -> String {
      (0..<count).reduce(into: "") { text, _ in
        text += String(Int.random(in: 1...9, using: &stream))
      }
    }
    func hex(_ count: Int) -> String {
      (0..<count).reduce(into: "") { text, _ in
        text += String(Int.random(in: 0..<16, using: &stream), radix: 16)
      }
    }
    func uuid() -> String { [8, 4, 4, 4, 12].map(hex).joined(separator: "-") }
    appID = digits(15)
    appSecret = Secret(hex(32))
    accessToken = Secret("EAASandbox" + hex(40))
    adAccount = "act_" + digits(15)
    portalID = Int64(digits(8)) ?? 1
    hubSpotToken = Secret("pat-na1-" + uuid())
    clientSecret = Secret(uuid())
  }
}
