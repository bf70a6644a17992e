import Formats
import RemoteAPIs
import Synchronization
import TestKit
import Values

@testable import Sandbox

/// Takes webhooks, and answers each with the next of its statuses, the last one from then on.
final class Receiver: HTTPTransport {
  private let state: Mutex<(statuses: [Int], calls: [HTTPCall])>

  init(_ statuses: Int...) {
    state = Mutex((statuses.isEmpty ? [204] : statuses, []))
  }

  var calls: [HTTPCall] { state.withLock(\.calls) }

  func send(_ call: HTTPCall) async throws(TransportError) -> HTTPAnswer {
    state.withLock { state in
      state.calls.append(call)
      let status = state.statuses[0]
      if state.statuses.count > 1 { state.statuses.removeFirst() }
      return HTTPAnswer(status: status)
    }
  }
}

extension HTTPCall {
  /// The events that a webhook tells of.
  var events: [JSONValue] {
    guard case .bytes(let bytes) = body else { return [] }
    return JSONValue.parsed(bytes)?.arrayValue ?? []
  }
}

/// A sandbox whose clock moves only when it is told to, asked without a network.
struct SandboxBench: Sendable {
  let sandbox: Sandbox
  let wall = ManualClock()

  init(
    _ world: WorldSettings, receiver: Receiver = Receiver(),
    _ change: (inout SandboxSettings) -> Void = { _ in }
  ) throws {
    var settings = SandboxSettings(world)
    change(&settings)
    sandbox = try Sandbox(settings, transport: receiver, wallClock: wall.now)
  }

  var account: String { sandbox.settings.credentials.adAccount }

  /// Asks Meta's API.
  func graph(
    _ method: String = "GET", _ path: String, _ parameters: [String: String] = [:], token: String? = nil
  ) async -> SandboxReply {
    let text = parameters.sorted { $0.key < $1.key }
      .map { "\(FormText.encoded($0.key))=\(FormText.encoded($0.value))" }.joined(separator: "&")
    let token = token ?? sandbox.settings.credentials.accessToken.text
    return await sandbox.reply(
      to: SandboxRequest(
        method: method, path: "/v26.0/\(path)", query: method == "GET" ? text : nil, authorization: "Bearer \(token)",
        contentType: "application/x-www-form-urlencoded", host: "127.0.0.1:1",
        body: method == "GET" ? [] : Array(text.utf8)))
  }

  /// Asks HubSpot's API.
  func hubSpot(_ method: String = "GET", _ path: String, query: String? = nil, body: String = "") async -> SandboxReply
  {
    await sandbox.reply(
      to: SandboxRequest(
        method: method, path: path, query: query,
        authorization: "Bearer \(sandbox.settings.credentials.hubSpotToken.text)", body: Array(body.utf8)))
  }

  /// Asks the controls.
  func control(_ method: String, _ path: String, _ body: String = "") async -> SandboxReply {
    await sandbox.reply(to: SandboxRequest(method: method, path: "/_sandbox/\(path)", body: Array(body.utf8)))
  }

  func pass(days: Int64) async { await sandbox.advance(seconds: days * 86_400) }

  /// The numbers of the account's objects of a kind: `campaigns`, `adsets` or `ads`.
  func ids(_ edge: String) async -> [String] {
    let reply = await graph("GET", "\(account)/\(edge)", ["limit": "5000"])
    return (reply.body["data"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
  }
}
