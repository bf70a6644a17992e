import Accounts
import Storage
import Values
import Web

/// The totals of the ads that figures are written for, within one transaction.
///
/// They are updated by the difference of each written day, so that no other day of an ad is read. Amounts and counts
/// are integers, so the totals equal the sums over all days exactly.
struct AdTotals {
  /// An ad that figures may have been written for.
  private struct Entry {
    var record: AdRecord
    /// Whether figures were written for it.
    var isTouched = false
    /// Whether its last delivery can be determined only from all of its days.
    var needsSumming = false
  }

  private let account: AccountID
  private let repository = AdStateRepository()
  private var entries: [Entry] = []
  private var places: [AdID: Int] = [:]
  /// The ad that was looked up last: rows of one ad are often consecutive.
  private var latest: (adID: AdID, place: Int)?

  init(of account: AccountID) {
    self.account = account
  }

  /// The ads that figures were written for.
  var touchedAds: Set<AdID> {
    Set(entries.lazy.filter(\.isTouched).map(\.record.adID))
  }

  /// Reads what is stored for ads that have not been loaded yet.
  mutating func load(_ ads: some Sequence<AdID>, in transaction: any Transaction) throws {
    let unmet = Set(ads.filter { places[$0] == nil })
    guard !unmet.isEmpty else { return }
    for record in try repository.get(unmet, of: account, in: transaction) { add(record) }
  }

  /// Extends the span of the ad's days to the day, and returns whether it was outside: then the day has no figures yet.
  mutating func widen(_ adID: AdID, to day: CalendarDay) -> Bool {
    guard let place = place(of: adID) else {
      add(
        AdRecord(
          accountID: account, adID: adID, impressions: 0, clicks: 0, spend: .zero, reported: .zero, deals: .zero,
          firstDay: day, lastDay: day))
      return true
    }
    if day < entries[place].record.firstDay {
      entries[place].record.firstDay = day
    } else if day > entries[place].record.lastDay {
      entries[place].record.lastDay = day
    } else {
      return false
    }
    return true
  }

  /// Adds a day's figures, which replace `old`, or are added to it where `addsUp`.
  ///
  /// Throws an ``AdError`` where a total exceeds what can be counted.
  mutating func take(_ day: DailyMetrics, over old: StoredDay?, addsUp: Bool) throws {
    guard let place = place(of: day.adID) else { return }
    entries[place].isTouched = true
    let replaced = addsUp ? nil : old
    try entries[place].record.add(day, without: replaced)
    if let name = day.adName { entries[place].record.name = name }
    let last = entries[place].record.lastDelivery
    if day.isDelivery || addsUp && old?.isDelivery == true {
      entries[place].record.lastDelivery = last.map { max($0, day.day) } ?? day.day
    } else if replaced?.isDelivery == true, last == day.day {
      entries[place].needsSumming = true
    }
  }

  /// Stores the totals of the ads that figures were written for; the worth of their deals is set to `deals`, or stays.
  func save(deals: [AdID: PipelineTotals], in transaction: any Transaction) throws {
    let touched = entries.filter(\.isTouched).sorted { $0.record.adID < $1.record.adID }
    try repository.save(
      touched.map { entry in
        var record = entry.record
        record.deals = deals[record.adID] ?? record.deals
        return record
      }, in: transaction)
    try repository.sumDays(
      of: touched.filter(\.needsSumming).map(\.record.adID), account: account, in: transaction)
  }

  private mutating func add(_ record: AdRecord) {
    places[record.adID] = entries.count
    entries.append(Entry(record: record))
  }

  private mutating func place(of adID: AdID) -> Int? {
    if let latest, latest.adID == adID { return latest.place }
    guard let place = places[adID] else { return nil }
    latest = (adID, place)
    return place
  }
}

/// The stored figures of an ad's day.
struct StoredDay {
  let impressions: Int
  let clicks: Int
  let spend: Money
  let leads: Int?
  let pipelineValue: Money?
  let cashRevenue: Money?
  /// The import that wrote them.
  let importID: Int

  init(_ row: Row) throws {
    impressions = try row.get("impressions")
    clicks = try row.get("clicks")
    spend = try row.get("spend")
    leads = try row.getOptional("leads")
    pipelineValue = try row.getOptional("pipeline_value")
    cashRevenue = try row.getOptional("cash_revenue")
    importID = try row.get("import_id")
  }

  /// Whether the ad was shown or cost something.
  var isDelivery: Bool { impressions > 0 || spend > .zero }

  /// Whether decisions would use different figures if these were replaced by those of `day`.
  func differs(from day: DailyMetrics) -> Bool {
    impressions != day.impressions || clicks != day.clicks || spend != day.spend || leads != day.leads
  }
}

extension DailyMetrics {
  /// Whether the ad was shown or cost something.
  fileprivate var isDelivery: Bool { impressions > 0 || spend > .zero }
}

extension AdRecord {
  fileprivate mutating func add(_ day: DailyMetrics, without old: StoredDay?) throws {
    impressions = try Self.moved(impressions, by: day.impressions, without: old?.impressions ?? 0, "impressions")
    clicks = try Self.moved(clicks, by: day.clicks, without: old?.clicks ?? 0, "clicks")
    spend = try Self.moved(spend, by: day.spend, without: old?.spend, "spend")
    reported.pipelineValue = try Self.moved(
      reported.pipelineValue, by: day.pipelineValue, without: old?.pipelineValue, "pipeline_value")
    reported.cashRevenue = try Self.moved(
      reported.cashRevenue, by: day.cashRevenue, without: old?.cashRevenue, "cash_revenue")
  }

  private static func moved(_ total: Int, by new: Int, without old: Int, _ field: String) throws -> Int {
    // A day's count is too small to overflow here.
    let (sum, isTooLarge) = total.addingReportingOverflow(new - old)
    guard !isTooLarge else { throw tooMuch(field, "\(new)") }
    return sum
  }

  private static func moved(_ total: Money, by new: Money?, without old: Money?, _ field: String) throws -> Money {
    guard new != nil || old != nil else { return total }
    guard let rest = total.subtracting(old ?? .zero), let sum = rest.adding(new ?? .zero) else {
      throw tooMuch(field, "\(new ?? .zero)")
    }
    return sum
  }

  private static func tooMuch(_ field: String, _ value: String) -> AdError {
    .invalid(FieldProblem(field: field, value: value, rule: "the sum over the ad's days is too large"))
  }
}
