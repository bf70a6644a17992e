import Formats
import Values

extension GraphAPI {
  /// Parameters of a change that change nothing themselves.
  static let silent: Set<String> = [
    "access_token", "appsecret_proof", "execution_options", "fields", "include_headers", "locale",
    "pretty",
  ]

  /// Changes an object. What the sandbox cannot change is refused: an answer of success would be untrue.
  mutating func change(
    _ id: String, _ call: GraphCall, _ world: inout AdWorld, at now: Instant
  ) throws(GraphError) -> JSONValue {
    var changes: [ObjectChange] = []
    for (name, text) in call.parameters.sorted(by: { $0.key < $1.key })
    where !Self.silent.contains(name) {
      changes.append(try Self.change(name, text, call))
    }
    if library.creatives[id] != nil { throw .invalid("A creative cannot be changed") }
    guard !changes.isEmpty else { throw .invalid("nothing is to be changed") }
    if try call.list("execution_options")?.contains("validate_only") == true {
      var copy = world
      try Self.make(changes, of: id, &copy, at: now)
      return ["success": true]
    }
    try Self.make(changes, of: id, &world, at: now)
    guard call.parameters["fields"] != nil, let place = world.places[id] else {
      return ["success": true]
    }
    let view = GraphView(world: world, account: access.account, now: now)
    return try view.json(GraphNode(place), try GraphFields(of: call))
  }

  private static func make(
    _ changes: [ObjectChange], of id: String, _ world: inout AdWorld, at now: Instant
  ) throws(GraphError) {
    do throws(ChangeRefusal) {
      try world.change(id, changes, by: .api, at: now)
    } catch {
      throw GraphError(error, id: id)
    }
  }

  private static func change(_ name: String, _ text: String, _ call: GraphCall) throws(GraphError)
    -> ObjectChange
  {
    switch name {
    case "daily_budget":
      guard let amount = try call.number(name), amount >= 0 else {
        throw .invalid("Param daily_budget must be an integer of 0 or more", field: name)
      }
      return .dailyBudget(amount)
    case "status":
      guard let status = ConfiguredStatus(rawValue: text) else {
        throw .invalid(
          "Param status must be one of {ACTIVE, PAUSED, DELETED, ARCHIVED}", field: name)
      }
      return .status(status)
    case "name":
      guard (1...400).contains(text.count) else {
        throw .invalid("Param name must be 1 to 400 characters", field: name)
      }
      return .name(text)
    default: throw .invalid("The sandbox does not change \(name)", field: name)
    }
  }

  /// Deletes an object: its figures stay.
  mutating func delete(_ id: String, _ world: inout AdWorld, at now: Instant) throws(GraphError)
    -> JSONValue
  {
    try Self.make([.status(.deleted)], of: id, &world, at: now)
    return ["success": true]
  }

  /// Answers each request of a batch. One that is lost is null, whether or not what it asked for was done.
  mutating func batch(
    _ text: String, _ batch: GraphCall, _ world: inout AdWorld, _ faults: inout GraphFaults,
    at now: Instant
  ) throws(GraphError) -> SandboxReply {
    try access.check(batch)
    guard let items = JSONValue.parsed(text)?.arrayValue else {
      throw .invalid("Param batch must be an array", field: "batch")
    }
    guard items.count <= 50 else {
      throw .invalid("Too many requests in batch message. Maximum batch size is 50", field: "batch")
    }
    let withHeaders = batch.parameters["include_headers"] != "false"
    var replies: [JSONValue] = []
    for item in items {
      let loss = faults.loseItem()
      if loss == .before {
        replies.append(.null)
        continue
      }
      let reply: SandboxReply
      do throws(GraphError) {
        reply = self.reply(to: try GraphCall(batched: item, in: batch), &world, &faults, at: now)
      } catch {
        reply = failure(error)
      }
      replies.append(loss == .after ? .null : Self.item(reply, withHeaders: withHeaders))
    }
    return SandboxReply(200, .array(replies))
  }

  private static func item(_ reply: SandboxReply, withHeaders: Bool) -> JSONValue {
    let headers = [(name: "Content-Type", value: "text/javascript; charset=UTF-8")] + reply.headers
    return .present([
      ("code", .integer(reply.status)),
      (
        "headers",
        withHeaders
          ? .array(headers.map { ["name": .string($0.name), "value": .string($0.value)] }) : nil
      ),
      ("body", .string(String(decoding: reply.body.bytes, as: UTF8.self))),
    ])
  }
}
