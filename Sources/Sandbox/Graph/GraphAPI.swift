import Formats
import Values

/// Meta's Graph API as far as an ad account's figures, budgets and switches need it.
package struct GraphAPI: Sendable {
  let access: GraphAccess
  var library = GraphLibrary()
  private var reports = GraphReports()
  private var usage: GraphUsage
  private var answers = 0

  /// Makes an API that nobody has asked yet.
  package init(access: GraphAccess, tier: GraphTier = .full) {
    self.access = access
    usage = GraphUsage(tier: tier)
  }

  /// Answers a request by the world as it is at `now`, and makes the changes that it asks for.
  mutating func reply(
    to request: SandboxRequest, _ world: inout AdWorld, _ faults: inout GraphFaults, at now: Instant
  ) -> SandboxReply {
    do throws(GraphError) {
      let call = try GraphCall(request)
      if let batch = call.parameters["batch"], call.path.isEmpty {
        return try self.batch(batch, call, &world, &faults, at: now)
      }
      return reply(to: call, &world, &faults, at: now)
    } catch {
      return failure(error)
    }
  }

  /// Answers one call, from the network or out of a batch.
  mutating func reply(
    to call: GraphCall, _ world: inout AdWorld, _ faults: inout GraphFaults, at now: Instant
  ) -> SandboxReply {
    let isInsights = call.path.last == "insights"
    let activeAds = world.ads.indices.count { world.effectiveStatus(ofAd: $0) == .active }
    let isLimited = usage.count(isInsights: isInsights, activeAds: activeAds, at: now)
    var reply: SandboxReply
    do throws(GraphError) {
      try access.check(call)
      if isLimited { throw GraphError.limited(insights: isInsights) }
      reply = SandboxReply(200, try answer(call, &world, &faults, at: now))
    } catch {
      reply = failure(error)
    }
    reply.headers += usage.headers(
      account: access.account, isInsights: isInsights, activeAds: activeAds, at: now)
    reply.headers += [
      ("facebook-api-version", call.version), ("x-fb-trace-id", trace), ("x-fb-request-id", trace),
    ]
    return reply
  }

  /// An error as an answer.
  mutating func failure(_ error: GraphError) -> SandboxReply {
    answers += 1
    return SandboxReply(error.status, error.json(trace: trace))
  }

  private var trace: String { "Asandbox\(answers)" }

  private mutating func answer(
    _ call: GraphCall, _ world: inout AdWorld, _ faults: inout GraphFaults, at now: Instant
  ) throws(GraphError) -> JSONValue {
    answers += 1
    guard let first = call.path.first else {
      throw .invalid(
        "Requests by ids are no longer answered: ask for each object, or in a batch", field: "ids")
    }
    let rest = Array(call.path.dropFirst())
    if call.method == "POST", let made = try make(call, &world, at: now) { return made }
    let view = GraphView(
      world: world, account: access.account, now: now, restatement: faults.restatement)
    switch (call.method, first, rest.first) {
    case ("GET", "debug_token", nil):
      return access.debug(call.parameters["input_token"] ?? "", issuedAt: world.settings.start)
    case _ where access.isApp(call.token ?? ""):
      throw GraphError(code: 200, message: "(#200) The app's own token may not do this")
    case ("GET", "me", nil): return ["name": "Sandbox", "id": .string(access.userID)]
    case ("GET", "me", "permissions"): return access.permissions
    case ("GET", "me", "adaccounts"):
      return ["data": [try view.json(.account, try GraphFields(of: call))]]
    case (_, _, let edge?):
      guard rest.count == 1 else { throw .unknownPath(call.path.joined(separator: "/")) }
      return try self.edge(edge, of: first, call, view, &faults)
    case ("GET", _, nil):
      if let report = reports.poll(first, account: access.account, at: now) { return report }
      if let video = try video(first, call, world.calendar) { return video }
      if let creative = try creative(first, try GraphFields(of: call)) { return creative }
      return try view.json(try node(first, in: world), try GraphFields(of: call))
    case ("POST", _, nil): return try change(first, call, &world, at: now)
    case ("DELETE", _, nil): return try delete(first, &world, at: now)
    default: throw .unknownPath(call.path.joined(separator: "/"))
    }
  }

  /// Makes what is new on an edge of the account; nil for other requests.
  private mutating func make(
    _ call: GraphCall, _ world: inout AdWorld, at now: Instant
  ) throws(GraphError) -> JSONValue? {
    guard call.path.count == 2, call.path[0] == "act_\(access.account)",
      !access.isApp(call.token ?? "")
    else {
      return nil
    }
    switch call.path[1] {
    case "advideos": return try upload(call, at: now)
    case "adimages": return try addImage(call)
    case "adcreatives": return try addCreative(call)
    case "ads": return try addAd(call, &world, at: now)
    default: return nil
    }
  }

  private mutating func edge(
    _ edge: String, of id: String, _ call: GraphCall, _ view: GraphView, _ faults: inout GraphFaults
  ) throws(GraphError) -> JSONValue {
    if call.method == "GET", edge == "insights", let report = reports.report(id, at: view.now) {
      guard report.isComplete else {
        throw GraphError(
          code: 2_601, subcode: 1_815_107, message: "(#2601) The report is not complete")
      }
      return try view.insights(report.query, call)
    }
    if call.method == "GET", edge == "thumbnails", let video = library.videos[id] {
      return try Self.thumbnails(of: video, call)
    }
    let node = try node(id, in: view.world)
    switch (call.method, edge) {
    case ("GET", "advideos") where node == .account: return try videos(call, view.world.calendar)
    case ("GET", "adcreatives") where node == .account: return try creatives(call)
    case ("GET", "insights"):
      let query = try InsightsQuery(of: node, call, in: view)
      guard !query.isTooLarge(in: view) else {
        throw .invalid(
          "Please reduce the amount of data you're asking for, then retry your request",
          subcode: 1_487_534)
      }
      return try view.insights(query, call)
    case ("POST", "insights"):
      let query = try InsightsQuery(of: node, call, in: view)
      return [
        "report_run_id": .text(reports.begin(query, fails: faults.failsReport(), at: view.now))
      ]
    case ("GET", "minimum_budgets") where node == .account:
      return Self.minimumBudgets(view.world.settings)
    case ("GET", "budget_schedules"): return ["data": []]
    case ("GET", _): return try view.list(edge, of: node, call)
    default: throw .unknownPath(call.path.joined(separator: "/"))
    }
  }

  /// The object of a number.
  private func node(_ id: String, in world: AdWorld) throws(GraphError) -> GraphNode {
    if id == "act_\(access.account)" { return .account }
    guard let place = world.places[id] else { throw .missing(id) }
    return GraphNode(place)
  }

  private static func minimumBudgets(_ settings: WorldSettings) -> JSONValue {
    let least = settings.minimumBudget
    return [
      "data": [
        [
          "currency": .string(settings.currency.code), "min_daily_budget_imp": .integer(least),
          "min_daily_budget_high_freq": .integer(5 * least),
          "min_daily_budget_low_freq": .integer(40 * least),
          "min_daily_budget_video_views": .integer(least),
        ]
      ]
    ]
  }
}
