import Formats
import RemoteAPIs
import Sandbox
import Values

extension FakeHubSpot {
  /// Does what a test in another process wants, by paths that begin with `/_fake/`. No token is asked for.
  func control(_ request: SandboxRequest, over transport: any HTTPTransport) async -> SandboxReply {
    let parts = Array(request.parts.dropFirst())
    let body = request.json
    switch (request.method, parts.first ?? "", parts.dropFirst().first.flatMap { Int64($0) }) {
    case (_, "deals", let id?): return controlDeal(request.method, id, parts.dropFirst(2).first, body)
    case ("PUT", "contacts", let id?): setContact(id, Self.properties(body))
    case ("PUT", "pipelines", _): setPipeline(body)
    case ("PUT", "faults", _): return controlFaults(body)
    case ("PUT", "limits", _): controlLimits(body)
    case ("PUT", "scopes", _): withhold(scopes: body["withheld"]?.texts ?? [])
    case ("GET", "requests", _): return SandboxReply(200, .array(requests.map { .text("\($0.method) \($0.path)") }))
    case ("POST", "deliveries", _): return await controlDelivery(body, transport)
    default: return .portalError(404, "OBJECT_NOT_FOUND", "\(request.method) \(request.path) controls nothing")
    }
    return SandboxReply(200, [:])
  }

  private func controlDeal(_ method: String, _ id: Int64, _ action: String?, _ body: JSONValue) -> SandboxReply {
    let isDone: Bool
    switch (method, action) {
    case ("PUT", nil):
      let contacts = body["contacts"]?.arrayValue.map { $0.compactMap(\.integer) }
      let at = body["at"]?.integer.map { Instant(microseconds: $0 * 1_000) }
      setDeal(id, Self.properties(body), contacts: contacts, at: at)
      isDone = true
    case ("DELETE", nil): isDone = deleteDeal(id)
    case ("POST", "restore"): isDone = restoreDeal(id)
    case ("POST", "merge"): isDone = body["into"]?.integer.map { mergeDeal(id, into: $0) } ?? false
    default: isDone = false
    }
    return isDone ? SandboxReply(200, [:]) : .recordMissing("deal or action")
  }

  private func controlFaults(_ body: JSONValue) -> SandboxReply {
    let rates = (body["rates"]?.members ?? []).map {
      (fault: PortalFault(rawValue: $0.key), rate: $0.value.doubleValue)
    }
    let next = (body["next"]?.texts ?? []).map(PortalFault.init)
    guard rates.allSatisfy({ $0.fault != nil && $0.rate != nil }), next.allSatisfy({ $0 != nil }) else {
      return .ruleBroken("faults are \(PortalFault.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    setFaults { faults in
      faults.rates = [:]
      for case (let fault?, let rate?) in rates { faults.rates[fault] = rate }
      faults.next += next.compactMap { $0 }
      if let delay = body["delay_ms"]?.integer { faults.delayMilliseconds = delay }
      if let seconds = body["retry_after"]?.integer { faults.retryAfterSeconds = Int(seconds) }
    }
    return SandboxReply(200, [:])
  }

  private func controlLimits(_ body: JSONValue) {
    setLimits { limits in
      if let count = body["per_window"]?.integer { limits.perWindow = Int(count) }
      if let time = body["window_ms"]?.integer { limits.windowMilliseconds = time }
      if let count = body["per_day"]?.integer { limits.perDay = Int(count) }
      limits.searchesPerSecond = body["searches_per_second"]?.integer.map { Int($0) }
    }
  }

  private func controlDelivery(_ body: JSONValue, _ transport: any HTTPTransport) async -> SandboxReply {
    guard let url = body["url"]?.stringValue, let secret = body["secret"]?.stringValue else {
      return .ruleBroken("a delivery needs url and secret")
    }
    let statuses = await deliver(
      to: url, secret: secret, signedURI: body["signed_uri"]?.stringValue,
      times: body["times"]?.integer.map { Int($0) } ?? 1, over: transport)
    return SandboxReply(200, ["statuses": .array(statuses.map { .integer($0) })])
  }

  private static func properties(_ body: JSONValue) -> [String: String] {
    let members = body["properties"]?.members ?? []
    return Dictionary(members.map { ($0.key, $0.value.stringValue ?? "") }, uniquingKeysWith: { $1 })
  }
}
