import DecisionEngine
import Decisions
import Execution
import Values

/// What is to be done about the wear of ads.
struct FatigueRemedies {
  /// What is wanted.
  var wanted: [WantedChange] = []
  /// Worn ads whose ids cannot be the platform's.
  var refusals: [RefusalRecord] = []
  /// Worn ads that are left alone for now: something was done or rejected on account of their wear lately.
  var resting: [AdID] = []

  /// Which share of what a worn ad spends comes off its budget where it is warned of: a fifth, as the reference does.
  static let reduction = Share(millionths: 200_000)
  /// How many days a remedy is given to show, or a rejected one is not proposed again.
  static let restDays = 7

  /// Wants the pause of each ad whose wear is critical, and a smaller budget for each that is warned of, of those that
  /// deliver. `past` are the changes that ended in the last ``restDays`` days.
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
