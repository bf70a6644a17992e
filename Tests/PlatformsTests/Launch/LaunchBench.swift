import Accounts
import App
import AppTestKit
import Crypto
import Formats
import HTTPTypes
import Jobs
import RemoteAPIs
import Sandbox
import Storage
import Synchronization
import TestKit
import Testing
import Values

@testable import Platforms

/// The sandbox as a transport, which can lose answers and let its caller die.
final class SandboxTransport: HTTPTransport {
  /// What happens to a call.
  enum Mishap: Sendable {
    /// It never reaches the server.
    case lostBefore
    /// It is done, and the answer is lost.
    case lostAfter
    /// The server fails; whether it is done first.
    case failed(isDone: Bool)
    /// The caller dies before it leaves.
    case deathBefore
    /// The caller dies before the answer comes.
    case deathAfter
    /// Something else is answered, and nothing done.
    case answered(Int, String)
  }

  private struct State {
    var calls: [(method: String, path: String)] = []
    var mishaps: [Int: Mishap] = [:]
    var always: (@Sendable (_ method: String, _ path: String) -> Mishap?)?
    var isDead = false
  }

  let sandbox: Sandbox
  private let state = Mutex(State())

  init(_ sandbox: Sandbox) { self.sandbox = sandbox }

  /// The calls so far, as `POST ads`: the method, and the last part of the path that is no number.
  var calls: [String] { state.withLock { $0.calls.map { "\($0.method) \(Self.edge($0.path))" } } }

  /// Whether the caller has died.
  var isDead: Bool { state.withLock(\.isDead) }

  func revive() { state.withLock { $0.isDead = false } }

  /// What happens to the call of a number, counted from 1.
  func set(_ mishap: Mishap, at call: Int) { state.withLock { $0.mishaps[call] = mishap } }

  /// What happens to calls.
  func always(_ mishap: (@Sendable (_ method: String, _ path: String) -> Mishap?)?) {
    state.withLock { $0.always = mishap }
  }

  static func edge(_ path: String) -> String {
    let last = path.split(separator: "/").last.map(String.init) ?? ""
    return Int(last) == nil ? last : "object"
  }

  func send(_ call: HTTPCall) async throws(TransportError) -> HTTPAnswer {
    let method = call.method.rawValue
    let address = call.url.replacing(/^https?:\/\/[^\/]*/, with: "") + ""
    let path = String(address.prefix { $0 != "?" })
    let query = [address.split(separator: "?").dropFirst().first.map(String.init), call.secretQuery?.text]
      .compactMap { $0 }.joined(separator: "&")
    let mishap = state.withLock { state -> Mishap? in
      state.calls.append((method, path))
      let mishap = state.isDead ? .deathBefore : state.mishaps[state.calls.count] ?? state.always?(method, path)
      switch mishap {
      case .deathBefore, .deathAfter: state.isDead = true
      default: break
      }
      return mishap
    }
    switch mishap {
    case .lostBefore, .deathBefore: throw .timedOut(limit: call.timeLimit)
    case .failed(isDone: false): return HTTPAnswer(status: 500, body: Array("{}".utf8))
    case .answered(let status, let body): return HTTPAnswer(status: status, body: Array(body.utf8))
    default: break
    }
    let body: [UInt8]
    do {
      body = try await Self.bytes(of: call.body)
    } catch {
      throw .connectionFailed("\(error)")
    }
    let reply = await sandbox.reply(
      to: SandboxRequest(
        method: method, path: path, query: query, authorization: call.bearerToken.map { "Bearer \($0.text)" },
        contentType: call.headers[.contentType], host: "graph", body: body))
    switch mishap {
    case .lostAfter, .deathAfter: throw .timedOut(limit: call.timeLimit)
    case .failed: return HTTPAnswer(status: 500, body: Array("{}".utf8))
    default: return HTTPAnswer(status: reply.status, body: reply.body.bytes)
    }
  }

  private static func bytes(of body: HTTPBody) async throws -> [UInt8] {
    switch body {
    case .bytes(let bytes): return bytes
    case .stream(_, let pieces):
      var bytes: [UInt8] = []
      for try await piece in pieces { bytes += piece }
      return bytes
    }
  }
}

/// A database that is gone for a caller who has died.
private struct MortalDatabase: Database {
  struct Death: Error {}

  let base: any Database
  let isDead: @Sendable () -> Bool

  var dialect: Dialect { base.dialect }

  func read<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    if isDead() { throw Death() }
    return try await base.read(body)
  }

  func write<Result: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Result
  ) async throws -> Result {
    if isDead() { throw Death() }
    return try await base.write(body)
  }
}

/// An account whose ad account is a sandbox's, and a video of two and a half chunks.
struct LaunchBench: Sendable {
  let test: TestSystem
  let transport: SandboxTransport
  let wall: ManualClock
  let videoPath: String
  let bytes: [UInt8]

  static let adSet = "23850000000200002"

  var account: AccountID { test.account }

  init(mode: String = "approve", connects: Bool = true) async throws {
    let start = Instant(seconds: 20_458 * 86_400)
    var world = WorldSettings(start: start)
    world.historyDays = 0
    wall = ManualClock(at: start)
    let sandbox = try Sandbox(SandboxSettings(world), transport: NoNetwork(), wallClock: wall.now)
    transport = SandboxTransport(sandbox)
    let credentials = sandbox.settings.credentials
    var settings = MetaSettings()
    settings.token = credentials.accessToken
    settings.appSecret = credentials.appSecret
    test = try await TestSystem(at: start, meta: settings, transport: transport, sleep: { _ in })
    bytes = (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 1_000) }
    videoPath = try test.file("video.mp4", bytes)
    if connects {
      _ = try await test.system.meta.connect(
        account, to: #require(MetaAdAccountID(credentials.adAccount)), as: .systemOperator, by: .system)
      try await test.system.metaSync.check(account)
    }
    try await set(
      """
      {"holder_floor": 10, "holder_cap": 500, "account_floor": 20, "account_cap": 1000, "max_daily_spend": 2000}
      """)
    try await set(#"{"mode": "\#(mode)"}"#)
  }

  /// Changes the settings of execution as a PUT of `json` would.
  func set(_ json: String) async throws {
    _ = try await test.system.execution.update(
      account, by: .system, ExecutionSettingsCoding.readChanges(Array(json.utf8), .usd))
  }

  static func id(_ text: String) throws -> MetaID { try #require(MetaID(text)) }

  func order(_ change: (inout LaunchOrder) throws -> Void = { _ in }) throws -> LaunchOrder {
    var order = LaunchOrder(
      name: "Hook A", video: .file(path: videoPath, try FileStamp(of: videoPath)), pageID: try Self.id("111"),
      adSetID: try Self.id(Self.adSet), text: "Primary\ntext", headline: "Headline",
      link: "https://shop.example.com/p?x=1")
    order.instagramUserID = try Self.id("17841400000000000")
    try change(&order)
    return order
  }

  /// Those who launch: each has nothing in its memory yet.
  func service() -> LaunchService {
    let (system, clock, transport) = (test.system, test.clock, transport)
    let now: @Sendable () -> Instant = { clock.now() }
    return LaunchService(
      database: MortalDatabase(base: system.database, isDead: { transport.isDead }), clock: now,
      accounts: system.accounts, queue: system.jobs, audit: system.audit,
      live: LiveAccounts(connections: system.meta, clock: now), sleep: { _ in })
  }

  func start(_ change: (inout LaunchOrder) throws -> Void = { _ in }) async throws -> Launch {
    try await test.system.launches.start(order(change), of: account, by: .commandLine(user: "ada"))
  }

  /// Lets time pass, in the sandbox too.
  func pass(seconds: Int64) async {
    test.clock.advance(seconds: seconds)
    await transport.sandbox.advance(seconds: seconds)
  }

  func stored(_ launch: Launch) async throws -> Launch {
    try await test.system.launches.launch(launch.id, of: account)
  }

  /// Works on a launch by itself, again and again a minute later, until it has ended.
  @discardableResult
  func finish(_ launch: Launch, rounds: Int = 40) async throws -> Launch {
    for _ in 0..<rounds {
      _ = try? await service().run(launch.id, of: account)
      transport.revive()
      let now = try await stored(launch)
      if !now.state.isOpen { return now }
      await pass(seconds: 60)
    }
    return try await stored(launch)
  }

  /// What the sandbox has that was not there from the start.
  struct Made: Equatable {
    var videos: Int
    var creatives: Int
    var ads: [String]
  }

  func truth() async -> JSONValue {
    await transport.sandbox.reply(to: SandboxRequest(method: "GET", path: "/_sandbox/state")).body
  }

  func made() async -> Made {
    let state = await truth()
    let ads = (state["ads"]?.arrayValue ?? []).filter { $0["name"]?.stringValue == "Hook A" }
    return Made(
      videos: (state["videos"]?.arrayValue ?? []).count { $0["is_uploaded"] == .bool(true) },
      creatives: state["creatives"]?.integer.map { Int($0) } ?? -1,
      ads: ads.compactMap { $0["status"]?.stringValue })
  }

  static let one = Made(videos: 1, creatives: 1, ads: ["PAUSED"])
}
