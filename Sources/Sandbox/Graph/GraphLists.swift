import Formats
import Values

/// A place in a list: opaque to callers, and of the same meaning however the list grows.
struct GraphCursor: Hashable, Sendable {
  let first: Int
  let second: Int

  init(_ first: Int, _ second: Int = 0) {
    self.first = first
    self.second = second
  }

  /// Reads a cursor that was handed out.
  init(_ text: String) throws(GraphError) {
    let parts = text.dropFirst(2).split(separator: "z").map { Int($0, radix: 16) }
    guard text.hasPrefix("QV"), parts.count == 2, let first = parts[0], let second = parts[1],
      first >= 0, second >= 0
    else { throw .invalid("Invalid cursors values", field: "after") }
    self.init(first, second)
  }

  var text: String { "QV\(String(first, radix: 16))z\(String(second, radix: 16))z" }
}

extension GraphView {
  /// Campaigns, ad sets or ads below an object, a page at a time.
  func list(_ edge: String, of node: GraphNode, _ call: GraphCall) throws(GraphError) -> JSONValue {
    guard let objects = objects(edge, below: node) else {
      throw .unknownPath(call.path.joined(separator: "/"))
    }
    let fields = try GraphFields(of: call)
    var filters = try GraphFilters(of: call)
    if let statuses = try call.list("effective_status") {
      filters.add("effective_status", isIn: statuses)
    }
    let asksForStatus = filters.conditions.contains { $0.field.hasSuffix("effective_status") }
    let since = try call.number("updated_since").map { Instant(seconds: $0) }
    let limit = try Self.limit(call)
    var found: [(position: Int, node: GraphNode)] = []
    for object in objects {
      let head = head(of: object)
      if effectiveStatus(of: object).isGone, !asksForStatus { continue }
      if let since, head.updatedAt < since { continue }
      if try filters.hold({ filterValue($0, of: object) }) {
        found.append((object.position, object))
      }
    }
    let after = try call.parameters["after"].map { text throws(GraphError) in
      try GraphCursor(text).first
    }
    let page = found.drop { $0.position <= after ?? -1 }.prefix(limit)
    var data: [JSONValue] = []
    for item in page { data.append(try json(item.node, fields)) }
    let hasMore = (page.last?.position ?? .max) < (found.last?.position ?? -1)
    var members = Self.page(
      data, first: page.first.map { GraphCursor($0.position) },
      last: page.last.map { GraphCursor($0.position) },
      hasMore: hasMore, call)
    if call.parameters["summary"] == "true" {
      members.append(("summary", ["total_count": .integer(found.count)]))
    }
    return .present(members)
  }

  /// A page of a list with its links; without any where it is empty.
  static func page(
    _ data: [JSONValue], first: GraphCursor?, last: GraphCursor?, hasMore: Bool, _ call: GraphCall
  ) -> [(key: String, value: JSONValue?)] {
    var paging: JSONValue?
    if let first, let last {
      paging = .present([
        ("cursors", ["before": .string(first.text), "after": .string(last.text)]),
        ("next", hasMore ? .string(call.nextPage(after: last.text)) : nil),
      ])
    }
    return [("data", .array(data)), ("paging", paging)]
  }

  /// How many entries a page has: 25 unless asked for, and never more than 5,000.
  static func limit(_ call: GraphCall) throws(GraphError) -> Int {
    let limit = try call.number("limit") ?? 25
    guard limit >= 1 else { throw .invalid("Param limit must be positive", field: "limit") }
    return Int(min(limit, 5_000))
  }

  /// The objects of a kind that belong to an object; nil where it has none of the kind.
  func objects(_ edge: String, below node: GraphNode) -> [GraphNode]? {
    switch (edge, node) {
    case ("campaigns", .account): return world.campaigns.indices.map { .campaign($0) }
    case ("adsets", .account): return world.adSets.indices.map { .adSet($0) }
    case ("ads", .account): return world.ads.indices.map { .ad($0) }
    case ("adsets", .campaign(let position)):
      return world.campaigns[position].adSets.map { .adSet($0) }
    case ("ads", .campaign(let position)):
      return world.campaigns[position].adSets.flatMap { world.adSets[$0].ads }.sorted().map {
        .ad($0)
      }
    case ("ads", .adSet(let position)): return world.adSets[position].ads.map { .ad($0) }
    default: return nil
    }
  }

  func head(of node: GraphNode) -> ObjectHead {
    switch node {
    case .account: ObjectHead(id: account, name: "Sandbox", at: world.beginning)
    case .campaign(let position): world.campaigns[position].head
    case .adSet(let position): world.adSets[position].head
    case .ad(let position): world.ads[position].head
    }
  }

  func effectiveStatus(of node: GraphNode) -> EffectiveStatus {
    switch node {
    case .account: .active
    case .campaign(let position): world.effectiveStatus(ofCampaign: position)
    case .adSet(let position): world.effectiveStatus(ofAdSet: position)
    case .ad(let position): world.effectiveStatus(ofAd: position)
    }
  }

  /// What a condition on an object is about; nil for a field that there is not.
  func filterValue(_ field: String, of node: GraphNode) -> String? {
    let parts = field.split(separator: ".")
    guard let name = parts.last else { return nil }
    var subject = node
    if parts.count == 2 {
      guard let other = ancestor(String(parts[0]), of: node) else { return nil }
      subject = other
    }
    switch name {
    case "id": return id(of: subject)
    case "name": return head(of: subject).name
    case "effective_status": return effectiveStatus(of: subject).rawValue
    case "status", "configured_status": return head(of: subject).status.rawValue
    case "adlabels":
      guard case .ad(let position) = subject else { return nil }
      return (world.ads[position].origin?.labels ?? []).joined(
        separator: String(GraphFilters.separator))
    case "updated_time": return "\(head(of: subject).updatedAt.seconds)"
    case "created_time": return "\(head(of: subject).createdAt.seconds)"
    default: return nil
    }
  }

  /// An object itself, or that above it, by the kind's name in filters.
  func ancestor(_ kind: String, of node: GraphNode) -> GraphNode? {
    switch (kind, node) {
    case ("ad", .ad), ("adset", .adSet), ("campaign", .campaign): return node
    case ("adset", .ad(let position)): return .adSet(world.ads[position].adSet)
    case ("campaign", .ad(let position)):
      return .campaign(world.adSets[world.ads[position].adSet].campaign)
    case ("campaign", .adSet(let position)): return .campaign(world.adSets[position].campaign)
    default: return nil
    }
  }
}
