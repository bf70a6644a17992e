import Formats
import Values

extension PortalAPI {
  /// Finds what a request asks for.
  mutating func route(_ request: SandboxRequest) -> SandboxReply {
    let parts = request.parts
    guard parts.count >= 4, parts[0] == "crm" else { return unknown(request) }
    switch (request.method, parts[1], parts[2]) {
    case (_, "v3", "objects"):
      guard let kind = PortalRecordKind(rawValue: parts[3]) else { return unknown(request) }
      return object(request, kind, Array(parts[4...]))
    case ("GET", "v3", "pipelines") where parts[3] == "deals":
      return pipeline(Array(parts[4...]), request)
    case ("GET", "v4", "objects")
    where parts.count == 7 && parts[3] == "deals" && parts[5...] == ["associations", "contacts"]:
      return associations(parts[4], request)
    case ("POST", "v4", "associations") where parts[3...] == ["deals", "contacts", "batch", "read"]:
      return batchAssociations(request.json)
    default:
      return unknown(request)
    }
  }

  private func unknown(_ request: SandboxRequest) -> SandboxReply {
    .portalError(404, "OBJECT_NOT_FOUND", "Nothing answers \(request.method) \(request.path)")
  }

  private func object(_ request: SandboxRequest, _ kind: PortalRecordKind, _ rest: [String])
    -> SandboxReply
  {
    switch (request.method, rest) {
    case ("GET", []): return list(request, kind)
    case ("GET", let rest) where rest.count == 1: return single(request, kind, rest[0])
    case ("POST", ["batch", "read"]): return batch(request, kind)
    case ("POST", ["search"]) where kind == .deals: return search(request)
    default: return unknown(request)
    }
  }

  private func selection(_ request: SandboxRequest) -> PortalSelection {
    PortalSelection(
      properties: request.list("properties"), history: request.list("propertiesWithHistory"),
      associations: request.list("associations"))
  }

  private func single(_ request: SandboxRequest, _ kind: PortalRecordKind, _ text: String)
    -> SandboxReply
  {
    let isArchived = request.wantsArchived
    let found: PortalRecord?
    if let property = request.query["idProperty"]?.first, !property.isEmpty,
      property != "hs_object_id"
    {
      found = records(kind).first {
        $0.isArchived == isArchived && $0.value(of: property, kind) == text
      }
    } else {
      guard let id = Int64(text) else { return .recordMissing("record") }
      found = portal.record(kind, id, archived: isArchived)
    }
    guard let found else { return .recordMissing("record") }
    return SandboxReply(200, found.json(kind, selection(request), associationPage: associationPage))
  }

  private func records(_ kind: PortalRecordKind) -> [PortalRecord] {
    (kind == .deals ? portal.deals : portal.contacts).values.sorted { $0.id < $1.id }
  }

  private func list(_ request: SandboxRequest, _ kind: PortalRecordKind) -> SandboxReply {
    let limit = request.number("limit") ?? 10
    guard (1...100).contains(limit) else { return .ruleBroken("limit must be 1 to 100") }
    let isArchived = request.wantsArchived
    let after = Int64(request.number("after") ?? 0)
    let found = records(kind).filter { $0.isArchived == isArchived && $0.id >= after }
    let selection = selection(request)
    let page = found.prefix(limit).map {
      $0.json(kind, selection, associationPage: associationPage)
    }
    return SandboxReply(
      200, Self.page(Array(page), after: found.dropFirst(limit).first.map { "\($0.id)" }))
  }

  private func batch(_ request: SandboxRequest, _ kind: PortalRecordKind) -> SandboxReply {
    let body = request.json
    let selection = PortalSelection(
      properties: body["properties"]?.texts ?? [],
      history: body["propertiesWithHistory"]?.texts ?? [])
    let ids = (body["inputs"]?.arrayValue ?? []).map { $0["id"]?.integer }
    let limit = selection.history.isEmpty ? 100 : 50
    guard (1...limit).contains(ids.count) else {
      return .ruleBroken("inputs must be 1 to \(limit)")
    }
    let found = ids.map { id in id.flatMap { portal.record(kind, $0, archived: false) } }
    let missing = zip(ids, found).filter { $0.1 == nil }.map {
      JSONValue.string($0.0.map(String.init) ?? "")
    }
    let results = found.compactMap { $0?.json(kind, selection, associationPage: associationPage) }
    let errors: JSONValue = [
      [
        "status": "error", "category": "OBJECT_NOT_FOUND",
        "message": "Some records of the batch are not there",
        "context": ["ids": .array(missing)],
      ]
    ]
    let time = written(Instant(seconds: 1_780_000_000))
    let members: [(key: String, value: JSONValue?)] = [
      ("status", "COMPLETE"), ("results", .array(results)), ("startedAt", time),
      ("completedAt", time),
      ("numErrors", missing.isEmpty ? nil : 1), ("errors", missing.isEmpty ? nil : errors),
    ]
    return SandboxReply(missing.isEmpty ? 200 : 207, .present(members))
  }

  private func pipeline(_ rest: [String], _ request: SandboxRequest) -> SandboxReply {
    guard let id = rest.first else {
      return SandboxReply(200, ["results": .array(portal.pipelines)])
    }
    guard let found = portal.pipelines.first(where: { $0["id"] == .string(id) }) else {
      return .recordMissing("pipeline")
    }
    switch Array(rest[1...]) {
    case []: return SandboxReply(200, found)
    case ["stages"]: return SandboxReply(200, ["results": found["stages"] ?? []])
    default: return unknown(request)
    }
  }

  private func associations(_ text: String, _ request: SandboxRequest) -> SandboxReply {
    guard let id = Int64(text), let deal = portal.record(.deals, id, archived: false) else {
      return .recordMissing("deal")
    }
    let limit = min(request.number("limit") ?? 500, associationPage)
    guard limit > 0 else { return .ruleBroken("limit must be 1 to 500") }
    let start = request.number("after") ?? 0
    let page = deal.contacts.dropFirst(start).prefix(limit).map(Self.link)
    let end = start + page.count
    return SandboxReply(200, Self.page(page, after: end < deal.contacts.count ? "\(end)" : nil))
  }

  private func batchAssociations(_ body: JSONValue) -> SandboxReply {
    let ids = (body["inputs"]?.arrayValue ?? []).compactMap { $0["id"]?.integer }
    guard (1...1_000).contains(ids.count) else { return .ruleBroken("inputs must be 1 to 1000") }
    let results = ids.compactMap { portal.record(.deals, $0, archived: false) }.filter {
      !$0.contacts.isEmpty
    }
    let time = written(Instant(seconds: 1_780_000_000))
    return SandboxReply(
      200,
      [
        "status": "COMPLETE", "startedAt": time, "completedAt": time,
        "results": .array(
          results.map {
            ["from": ["id": .string("\($0.id)")], "to": .array($0.contacts.map(Self.link))]
          }),
      ])
  }

  private static func link(_ contact: Int64) -> JSONValue {
    [
      "toObjectId": .integer(contact),
      "associationTypes": [["category": "HUBSPOT_DEFINED", "typeId": 3, "label": nil]],
    ]
  }

  static func page(_ results: [JSONValue], after: String?) -> JSONValue {
    let paging: JSONValue? = after.map {
      ["next": ["after": .string($0), "link": .string("?after=\($0)")]]
    }
    return .present([("results", .array(results)), ("paging", paging)])
  }
}
