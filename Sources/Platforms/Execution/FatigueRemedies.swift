import DecisionEngine
import Decisions
import Execution
import Values

/// The remedies for the wear of ads.
struct FatigueRemedies {
  /// The wanted changes.
  var wanted: [WantedChange] = []
  /// Worn ads whose ids are not ids of the platform.
  var refusals: [RefusalRecord] = []
  /// Worn ads that are left alone for now: a remedy was applied or rejected recently.
  var resting: [AdID] = []

  /// The share by which the budget of a worn ad is cut at the level of a warning: a fifth, as in the reference.
  static let reduction = Share(millionths: 200_000)
  /// For how many days no further remedy is proposed after one was applied or rejected.
  static let restDays = 7

  /// Wants the pause of each delivering ad whose wear is critical, and a smaller budget for each at the level of a
  /// warning. `past` are the changes that ended in the last ``restDays`` days.
  init(_ ads: [AccountWear.Ad], in account: LiveAccount, past: [EndedChange]) {
    for ad in ads {
      guard ad.wear.level != .none, let reason = ad.wear.reason else { continue }
      guard let id = ObjectID(ad.adID.value) else {
        refusals.append(
          RefusalRecord(
            object: ad.adID.value, code: Refusal.Code.unknownObject.name,
            text: "ad \(ad.adID) is not the platform's: its id is a name"))
        continue
      }
      guard account.delivers(id) || account[id] == nil else { continue }
      let isCritical = ad.wear.level == .critical
      let target = isCritical ? id : (try? account.holder(of: id).id) ?? id
      let kind: ChangeKind = isCritical ? .pause : .setBudget
      if past.contains(where: { $0.object == target && $0.kind == kind && $0.origin == .fatigue }) {
        resting.append(ad.adID)
      } else {
        wanted.append(
          WantedChange(
            isCritical ? .pause : .reduce(by: Self.reduction), id, origin: .fatigue,
            reason: "ad \(id) wears out (\(isCritical ? "critical" : "warning")): \(reason)"))
      }
    }
  }
}
