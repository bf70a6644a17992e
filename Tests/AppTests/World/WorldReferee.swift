import Execution
import Foundation
import Sandbox
import Values

/// What the world's own log says of the changes that programs made, held to the account's limits.
struct WorldReferee {
  let settings: ExecutionSettings
  let changes: ChangeLog
  /// What each change broke, in words.
  private(set) var violations: [String] = []

  /// Looks at all changes that were made.
  init(_ changes: ChangeLog, _ settings: ExecutionSettings) {
    self.settings = settings
    self.changes = changes
    let made = changes.records.filter { $0.refusal == nil }
    for (index, record) in made.enumerated() where record.author == .api { judge(record, after: made[..<index]) }
  }

  private mutating func require(_ holds: Bool, _ rule: String, _ record: ChangeRecord) {
    if !holds { violations.append("\(rule): \(record.object) \(record.field) \(record.asked) at \(record.at)") }
  }

  private mutating func judge(_ record: ChangeRecord, after past: ArraySlice<ChangeRecord>) {
    let own = past.filter { $0.object == record.object }
    let hour = record.at.seconds / 3_600 % 24
    require(!(Int64(settings.quietFrom)..<Int64(settings.quietUntil)).contains(hour), "in a quiet hour", record)
    if let last = own.last {
      let minutes = (record.at.seconds - last.at.seconds) / 60
      require(minutes >= settings.cooldownMinutes, "\(minutes) minutes after an edit", record)
    }
    let today = past.filter { $0.author == .api && $0.at.utcDay == record.at.utcDay }
    require(today.count < settings.maxChangesPerDay, "more changes than a day has", record)
    guard record.field == "daily_budget", let from = record.before.flatMap(Int64.init), let to = Int64(record.asked)
    else { return }
    judgeBudget(record, from, to, own.filter { $0.field == "daily_budget" })
  }

  private mutating func judgeBudget(_ record: ChangeRecord, _ from: Int64, _ to: Int64, _ own: [ChangeRecord]) {
    let recent = own.filter { $0.author == .api && $0.at > record.at.adding(seconds: -3_600) }
    require(recent.count < settings.budgetEditsPerHour, "too many edits within an hour", record)
    let morning = own.first { $0.author == .api && $0.at.utcDay == record.at.utcDay }?.before.flatMap(Int64.init)
    for base in [from, morning ?? from] {
      let change = Int64((to - base).magnitude)
      require(change <= settings.maxDailyChange.of(base), "a step from \(base)", record)
    }
    if to < from { require(to >= settings.holderFloor ?? 0, "under the floor", record) }
    guard to > from else { return }
    require(to <= settings.holderCap ?? .max, "over the cap", record)
    require(record.budgets <= settings.accountCap ?? .max, "the account over its cap (\(record.budgets))", record)
  }
}
