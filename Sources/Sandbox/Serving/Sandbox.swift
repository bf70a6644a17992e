import DecisionEngine
import Formats
import RemoteAPIs
import Synchronization
import Values

/// A made-up ad account and CRM that speak Meta's and HubSpot's protocols, and the clock that they go by.
package final class Sandbox: Sendable {
  /// What is behind the protocols, all of it at one moment.
  struct State: Sendable {
    var world: AdWorld
    /// The same world, in which nobody changes anything.
    var untouched: AdWorld
    var clock: SandboxClock
    /// The moment up to which everything has happened.
    var settled: Instant
    var graph: GraphAPI
    var graphFaults: GraphFaults
    var portal: PortalAPI
    var portalFaults: PortalFaults
    var webhooks: WebhookQueue
    var handEdits: HandEdits
    /// Requests so far, by whose API they asked.
    var requests: [String: Int] = [:]
  }

  package let settings: SandboxSettings
  let state: Mutex<State>
  private let transport: any HTTPTransport
  private let wallClock: @Sendable () -> Instant

  /// Makes the world and lets its history happen, of which no webhook tells.
  ///
  /// Webhooks go over `transport`. Throws where there is no such world.
  package init(
    _ settings: SandboxSettings, transport: any HTTPTransport,
    wallClock: @escaping @Sendable () -> Instant
  ) throws(SandboxError) {
    self.settings = settings
    self.transport = transport
    self.wallClock = wallClock
    let credentials = settings.credentials
    let seed = settings.world.seed
    let world = try AdWorld(settings.world)
    let portal = Portal(
      id: credentials.portalID, pipelines: [DealBook.pipeline(world)],
      toldProperties: DealBook.toldProperties)
    let access = GraphAccess(
      appID: credentials.appID, appSecret: credentials.appSecret, token: credentials.accessToken,
      account: String(credentials.adAccount.dropFirst(4)))
    var state = State(
      world: world, untouched: world,
      clock: SandboxClock(
        start: settings.world.start, speed: settings.daysPerMinute * 1_440, wall: wallClock()),
      settled: settings.world.start, graph: GraphAPI(access: access, tier: settings.tier),
      graphFaults: GraphFaults(rates: settings.faults, seed: seed),
      portal: PortalAPI(portal, token: credentials.hubSpotToken),
      portalFaults: PortalFaults(seed: seed),
      webhooks: WebhookQueue(seed: seed),
      handEdits: HandEdits(seed: seed, rate: settings.faults.rate(.handEdit)))
    // HubSpot's limits are those of a wall clock, and would hold up a world that goes faster.
    state.portal.limits.perWindow = .max
    state.portal.limits.perDay = .max
    state.portalFaults.set(settings.faults)
    state.step(to: settings.world.start)
    state.portal.portal.forgetEvents()
    self.state = Mutex(state)
  }

  /// What the world's clock shows.
  package var now: Instant {
    let wall = wallClock()
    return state.withLock { $0.now(wall: wall) }
  }

  /// Runs `body` on everything as it is now.
  func current<Result>(_ body: (inout State, Instant) -> Result) -> Result {
    let wall = wallClock()
    return state.withLock { state in
      let now = state.now(wall: wall)
      state.settle(at: now)
      return body(&state, now)
    }
  }

  /// Lets so many seconds pass, an hour at a time, and sends the webhooks of each.
  package func advance(seconds: Int64) async {
    var left = seconds
    while left > 0 {
      let step = min(left, 3_600)
      let wall = wallClock()
      state.withLock { state in
        state.clock.advance(seconds: step, wall: wall)
        settings.clockMoved?(state.now(wall: wall))
      }
      left -= step
      await sendWebhooks()
    }
  }

  /// Sends the webhooks whose time has come.
  package func sendWebhooks() async {
    guard let url = settings.webhookURL else {
      return current { state, _ in state.portal.portal.forgetEvents() }
    }
    while let batch = nextWebhook() {
      let signedAt = settings.signatureClock?() ?? now
      let webhook = PortalWebhook(
        events: batch.events, secret: settings.credentials.clientSecret, uri: url, at: signedAt)
      let status = try? await transport.send(webhook.call(to: url)).status
      current { state, now in
        state.webhooks.settle(
          batch, isTaken: status.map { (200...299).contains($0) } ?? false, at: now)
      }
    }
  }

  private func nextWebhook() -> WebhookQueue.Batch? {
    current { state, now in
      state.webhooks.next(
        of: &state.portal.portal, loss: state.graphFaults.rates.rate(.lostWebhook), at: now)
    }
  }
}

extension Sandbox.State {
  /// The world's moment at one of the wall's.
  func now(wall: Instant) -> Instant { min(clock.now(wall: wall), world.end) }

  /// Lets everything happen that happens until `now`, people's edits included.
  mutating func settle(at now: Instant) {
    while let moment = handEdits.next(after: settled, until: now, in: world) {
      step(to: moment)
      handEdits.make(at: moment, in: &world)
    }
    if now > settled { step(to: now) }
  }

  /// Lets the world go on, without edits.
  mutating func step(to moment: Instant) {
    for happening in world.advance(to: moment) {
      DealBook.record(happening, world, in: &portal.portal)
    }
    _ = untouched.advance(to: moment)
    settled = moment
  }
}

extension Sandbox {
  /// Answers a request, whichever API it asks.
  package func reply(to request: SandboxRequest) async -> SandboxReply {
    switch request.parts.first {
    case "_sandbox": await control(request)
    case "crm": current { state, now in state.portalReply(to: request, at: now) }
    default: current { state, now in state.graphReply(to: request, at: now) }
    }
  }
}

extension Sandbox.State {
  fileprivate mutating func portalReply(to request: SandboxRequest, at now: Instant) -> SandboxReply {
    requests["hubspot", default: 0] += 1
    return portal.reply(to: request, &portalFaults, at: now)
  }

  fileprivate mutating func graphReply(to request: SandboxRequest, at now: Instant) -> SandboxReply {
    requests["graph", default: 0] += 1
    let trouble = graphFaults.trouble()
    var reply: SandboxReply
    switch trouble {
    case .limited: reply = graph.failure(.limited(insights: request.path.hasSuffix("/insights")))
    case .failed(let isDone):
      if isDone { _ = graph.reply(to: request, &world, &graphFaults, at: now) }
      reply = graph.failure(.transient)
    case nil: reply = graph.reply(to: request, &world, &graphFaults, at: now)
    }
    if let milliseconds = graphFaults.lateness() {
      reply.mishap = .late(milliseconds: milliseconds)
    }
    return reply
  }
}
