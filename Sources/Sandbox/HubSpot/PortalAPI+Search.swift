import Formats
import Values

/// One condition of a search.
private struct PortalFilter {
  let property: String
  let compares: String
  let value: String
  private let size: Double

  init?(_ json: JSONValue) {
    guard let property = json["propertyName"]?.stringValue,
      let compares = json["operator"]?.stringValue,
      ["EQ", "NEQ", "LT", "LTE", "GT", "GTE"].contains(compares),
      let value = json["value"]?.stringValue
    else { return nil }
    self.property = property
    self.compares = compares
    self.value = value
    size = PortalRecord.size(of: value)
  }

  func matches(_ deal: PortalRecord) -> Bool {
    let found = deal.size(of: property)
    switch compares {
    case "EQ": return found == size || deal.value(of: property, .deals) == value
    case "NEQ": return deal.value(of: property, .deals) != value
    case "LT": return found < size
    case "LTE": return found <= size
    case "GT": return found > size
    default: return found >= size
    }
  }
}

extension PortalRecord {
  /// What a property is ordered by: moments as milliseconds, numbers as they are.
  fileprivate func size(of property: String) -> Double {
    switch property {
    case "hs_lastmodifieddate": Double(updatedAt.microseconds / 1_000)
    case "createdate": Double(createdAt.microseconds / 1_000)
    default: Self.size(of: value(of: property, .deals) ?? "")
    }
  }

  fileprivate static func size(of text: String) -> Double {
    if let instant = Instant(text) { return Double(instant.microseconds / 1_000) }
    return Double(text) ?? .nan
  }
}

extension PortalAPI {
  /// Searches deals by the first pages of HubSpot's rules.
  func search(_ request: SandboxRequest) -> SandboxReply {
    let body = request.json
    guard request.body.count <= 3_000 else {
      return .ruleBroken("the body has more than 3000 characters")
    }
    let groups = body["filterGroups"]?.arrayValue ?? []
    let filters = groups.map { ($0["filters"]?.arrayValue ?? []).map(PortalFilter.init) }
    guard groups.count <= 5, filters.allSatisfy({ $0.count <= 6 && !$0.contains { $0 == nil } })
    else {
      return .ruleBroken(
        "there may be 5 groups of 6 filters, each with a property, an operator and a value")
    }
    let limit = body["limit"]?.integer ?? 10
    let start = body["after"]?.integer ?? 0
    guard (1...200).contains(limit) else { return .ruleBroken("limit must be 1 to 200") }
    guard start >= 0, start + limit <= 10_000 else {
      return .ruleBroken("only the first 10000 results can be read")
    }
    let found = portal.deals.values.filter { deal in
      !deal.isArchived
        && (filters.isEmpty || filters.contains { $0.allSatisfy { $0?.matches(deal) ?? false } })
    }
    let sorted = sorted(found, body["sorts"]?.arrayValue?.first)
    let page = sorted.dropFirst(Int(start)).prefix(Int(limit))
    let selection = PortalSelection(properties: body["properties"]?.texts ?? [])
    let results = page.map { $0.json(.deals, selection, associationPage: associationPage) }
    let end = Int(start) + results.count
    guard case .object(var answer) = Self.page(results, after: end < sorted.count ? "\(end)" : nil)
    else {
      return .ruleBroken("no page")
    }
    answer.members.insert(.init(key: "total", value: .integer(sorted.count)), at: 0)
    return SandboxReply(200, .object(answer))
  }

  /// Sorted by a property's name, or by an object that names it with a direction; by id where neither is given.
  private func sorted(_ deals: [PortalRecord], _ sort: JSONValue?) -> [PortalRecord] {
    guard let property = sort?["propertyName"]?.stringValue ?? sort?.stringValue else {
      return deals.sorted { $0.id < $1.id }
    }
    let isDescending = sort?["direction"]?.stringValue == "DESCENDING"
    // Small keys are sorted instead of the deals, which are many and large.
    let keys = deals.enumerated().map {
      (size: $0.element.size(of: property), id: $0.element.id, index: $0.offset)
    }
    return keys.sorted {
      if $0.size == $1.size { return $0.id < $1.id }
      return isDescending ? $0.size > $1.size : $0.size < $1.size
    }.map { deals[$0.index] }
  }
}
