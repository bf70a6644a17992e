import Formats
import Values

/// Iterates over the deals changed since a moment, from the earliest change to the latest, page by page.
///
/// Each page asks for changes from the last one seen on, so that neither HubSpot's limit of 10,000 results nor
/// concurrent changes leave a gap. A deal that changes meanwhile is returned once more, with its new values. HubSpot's
/// index lags by some seconds: start a little before the end of the previous search.
public struct HubSpotDealSearch: Sendable {
  /// The most deals on a page.
  public static let pageSize = 200

  /// The most results that HubSpot returns for one search.
  static let largestResult = 10_000

  /// The moment up to which changes have been read: where another search may continue.
  public private(set) var position: Instant

  private let client: HubSpotClient
  private let properties: [String]
  /// The deals changed at `position` that have been returned.
  private var seen: Set<Int64> = []
  /// The cursor of the next page among the results from `position` on; nil for the first page.
  private var after: String?
  private var isAtEnd = false

  init(_ client: HubSpotClient, since: Instant, properties: [String]) {
    self.client = client
    // HubSpot compares whole milliseconds.
    position = Instant(microseconds: since.microseconds - (since.microseconds % 1_000 + 1_000) % 1_000)
    self.properties = properties + (properties.contains(Self.modified) ? [] : [Self.modified])
  }

  /// The next deals, possibly none, or nil at the end. The contacts linked to them are not read.
  ///
  /// Throws `HubSpotError`; the same page may be requested again afterwards.
  public mutating func next() async throws(HubSpotError) -> [HubSpotDeal]? {
    if isAtEnd { return nil }
    let answer = try await client.post("/crm/v3/objects/deals/search", query)
    let (deals, next) = try client.read { () throws(JSONField.Problem) in
      let page = try HubSpotPage(answer)
      return (try page.results.map { field throws(JSONField.Problem) in try Self.changed(field) }, page.next)
    }
    let new = deals.filter { $0.changedAt != position || !seen.contains($0.deal.id) }
    try move(past: deals, next: next)
    return new.map(\.deal)
  }

  private static let modified = "hs_lastmodifieddate"

  private var query: JSONValue {
    var query = JSONObject([
      (
        "filterGroups",
        [
          [
            "filters": [
              [
                "propertyName": .string(Self.modified), "operator": "GTE",
                "value": .string("\(position.microseconds / 1_000)"),
              ]
            ]
          ]
        ]
      ), ("sorts", [["propertyName": .string(Self.modified), "direction": "ASCENDING"]]),
      ("properties", .array(properties.map(JSONValue.string))), ("limit", .number("\(Self.pageSize)")),
    ])
    if let after { query.members.append(.init(key: "after", value: .string(after))) }
    return .object(query)
  }

  private static func changed(
    _ field: JSONField
  ) throws(JSONField.Problem) -> (deal: HubSpotDeal, changedAt: Instant) {
    let deal = try HubSpotDeal(field)
    let modified = try field.member("properties").member(Self.modified)
    return (deal, modified.isAbsent ? deal.updatedAt : try modified.instant())
  }

  /// Advances to the last change of a page or, among deals changed at the same moment, to the next page.
  private mutating func move(
    past deals: [(deal: HubSpotDeal, changedAt: Instant)], next: String?
  ) throws(HubSpotError) {
    let isOrdered = zip([position] + deals.map(\.changedAt), deals).allSatisfy { $0 <= $1.changedAt }
    guard isOrdered else { throw .unreadable("the results of the search are not in order") }
    let last = deals.last?.changedAt ?? position
    let atLast = deals.filter { $0.changedAt == last }.map(\.deal.id)
    if last > position {
      position = last
      seen = Set(atLast)
      after = nil
    } else {
      try checkProgress(from: after, to: next)
      seen.formUnion(atLast)
      after = next
    }
    isAtEnd = next == nil
  }

  private func checkProgress(from after: String?, to next: String?) throws(HubSpotError) {
    guard let next else { return }
    guard next != after else { throw .unreadable("the search returned the same page twice") }
    guard let start = Int(next), start + Self.pageSize > Self.largestResult else { return }
    throw .unreadable("more than \(Self.largestResult) deals have changed in one millisecond, at \(position)")
  }
}

extension HubSpotClient {
  /// The deals changed at `since` or later, for `HubSpotDealSearch.next()` to read page by page.
  public func deals(changedSince since: Instant, properties: [String]) -> HubSpotDealSearch {
    HubSpotDealSearch(self, since: since, properties: properties)
  }
}
