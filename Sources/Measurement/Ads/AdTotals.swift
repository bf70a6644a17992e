import Accounts
import Storage
import Values
import Web

/// The totals of the ads that figures come in for, within one transaction.
///
/// They move by what each day changes them by, so that no other day of an ad is read. Amounts and counts are whole
/// numbers: the totals are exactly what all days sum to.
struct AdTotals {
  /// An ad that figures may have come in for.
  private struct Entry {
    var record: AdRecord
    /// Whether figures came in for it.
    var isTouched = false
    /// Whether its last delivery is known only from all of its days.
    var needsSumming = false
  }

  private let account: AccountID
  private let repository = AdStateRepository()
  private var entries: [Entry] = []
  private var places: [AdID: Int] = [:]
  /// The ad that was asked for last: rows of one ad often stand together.
  private var latest: (adID: AdID, place: Int)?

  /// Knows no ad.
  init(of account: AccountID) {
    self.account = account
  }

  /// The ads that figures came in for.
  var touchedAds: Set<AdID> {
    Set(entries.lazy.filter(\.isTouched).map(\.record.adID))
  }

  /// Reads what is stored of ads that were not met before.
  mutating func load(_ ads: some Sequence<AdID>, in transaction: any Transaction) throws {
    let unmet = Set(ads.filter { places[$0] == nil })
    guard !unmet.isEmpty else { return }
    for record in try repository.get(unmet, of: account, in: transaction) { add(record) }
  }

  /// Takes the day into the span of the ad's days, and returns whether it was outside of it: then it has no figures yet.
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

  /// Counts a day's figures in that take the place of `old`, or that are added to it where `addsUp`.
  ///
  /// Throws an ``AdError`` where a total passes what can be counted.
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

  /// Stores the totals of the ads that figures came in for; their deals are worth what `deals` says, or what they were
  /// worth before.
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

/// The figures that are stored of an ad's day.
struct StoredDay {
  let impressions: Int
  let clicks: Int
  let spend: Money
  let leads: Int?
  let pipelineValue: Money?
  let cashRevenue: Money?
  /// The import that they came with.
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

  /// Whether decisions would look back on other figures if these were replaced by those of `day`.
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
    // A day's count is far from what would overflow here.
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
    .invalid(FieldProblem(field: field, value: value, rule: "the ad's days sum to too much"))
  }
}
