import Formats
import Values

extension Sandbox {
  /// Does what the person at the sandbox's controls wants, by paths that begin with `/_sandbox/`. No token is asked for.
  func control(_ request: SandboxRequest) async -> SandboxReply {
    switch (request.method, request.parts.dropFirst().joined(separator: "/")) {
    case ("GET", "clock"): return SandboxReply(200, clock)
    case ("GET", "state"):
      return SandboxReply(200, current { state, now in SandboxTruth(state, at: now).json })
    case ("GET", "changes"): return changes(request)
    case ("POST", "advance"): return await advance(request)
    case ("POST", "edit"): return edit(request)
    case ("PUT", "faults"): return setFaults(request)
    default: return Self.refusal(404, "\(request.method) \(request.path) controls nothing")
    }
  }

  private static func refusal(_ status: Int, _ message: String) -> SandboxReply {
    SandboxReply(status, ["error": .string(message)])
  }

  private var clock: JSONValue {
    current { state, now in
      [
        "now": .text(now), "days_per_minute": .decimal(settings.daysPerMinute),
        "end": .text(state.world.end),
      ]
    }
  }

  /// The longest time that one request lets pass, in seconds: a year.
  private static let longest: Int64 = 366 * 86_400

  private func advance(_ request: SandboxRequest) async -> SandboxReply {
    let body = request.json
    let rule = "advance takes days and hours of 0 or more, up to 366 days"
    guard case .object(let object) = body,
      object.members.allSatisfy({ ["days", "hours"].contains($0.key) })
    else {
      return Self.refusal(400, rule)
    }
    var seconds = 0.0
    for member in object.members {
      guard let value = member.value.doubleValue, value >= 0 else { return Self.refusal(400, rule) }
      seconds += value * (member.key == "days" ? 86_400 : 3_600)
    }
    guard seconds <= Double(Self.longest) else { return Self.refusal(400, rule) }
    let end = current { state, now in state.world.end.seconds - now.seconds }
    guard seconds <= Double(end) else {
      return Self.refusal(400, "the world ends in \(end / 3_600) hours: begin another one")
    }
    await advance(seconds: Int64(clamping: seconds.rounded()))
    return SandboxReply(200, clock)
  }

  /// Changes a budget or a switch as a person would in the ads manager.
  private func edit(_ request: SandboxRequest) -> SandboxReply {
    let body = request.json
    guard let id = body["id"]?.stringValue else {
      return Self.refusal(400, "an edit needs an object's id")
    }
    var wanted: [ObjectChange] = []
    if let amount = body["daily_budget"]?.integer { wanted.append(.dailyBudget(amount)) }
    if let status = body["status"]?.stringValue.flatMap(ConfiguredStatus.init) {
      wanted.append(.status(status))
    }
    guard !wanted.isEmpty else {
      return Self.refusal(400, "an edit needs a daily_budget in minor units, or a status")
    }
    return current { [wanted] state, now in
      do throws(ChangeRefusal) {
        try state.world.change(id, wanted, by: .person, at: now)
        return SandboxReply(200, ["success": true])
      } catch {
        return Self.refusal(409, error.name)
      }
    }
  }

  private func setFaults(_ request: SandboxRequest) -> SandboxReply {
    guard let text = request.json["faults"]?.stringValue, let rates = FaultRates(text) else {
      let names = SandboxFault.allCases.map(\.rawValue).joined(separator: ", ")
      return Self.refusal(
        400, "faults must be a list of \(names), each with =RATE of 0 to 1 or without")
    }
    set(rates)
    return SandboxReply(200, ["faults": .string(text)])
  }

  /// The changes that were asked for, oldest first, after a number.
  private func changes(_ request: SandboxRequest) -> SandboxReply {
    let after = request.number("after") ?? 0
    let limit = min(max(request.number("limit") ?? 1_000, 1), 1_000)
    let records = current { state, _ in
      Array(state.world.changes.records.drop { $0.number <= after }.prefix(limit))
    }
    return SandboxReply(200, ["changes": .array(records.map(\.json))])
  }
}

extension ChangeRecord {
  fileprivate var json: JSONValue {
    .present([
      ("number", .integer(number)), ("at", .text(at)), ("object", .string(object)),
      ("field", .string(field)),
      ("before", before.map { .string($0) } ?? .null), ("asked", .string(asked)),
      ("author", .string(author.rawValue)),
      ("refusal", refusal.map { .string($0.name) } ?? .null),
      ("daily_budgets", .integer(budgets)),
    ])
  }
}
