import DecisionEngine

/// The worlds in which policies are compared, by name.
package enum WorldName: String, Hashable, Sendable, CaseIterable {
  /// The standard market: ``WorldParameters`` as they are.
  case base
  /// Ads that attract many clicks attract the wrong people: few leads, and leads that do not buy.
  case clickbait
  /// The same at half the strength: many clicks say little about revenue.
  case mildClickbait = "mild_clickbait"
  /// About 5 days from lead to sale.
  case shortLag = "short_lag"
  /// About 30 days from lead to sale.
  case longLag = "long_lag"
  /// A third of the budget.
  case smallBudget = "small_budget"
  /// More than three times the budget.
  case largeBudget = "large_budget"
  /// Audiences that never tire.
  case noFatigue = "no_fatigue"
  /// Half a year.
  case longRun = "long_run"
  /// Each ad has its own delays.
  case ownDelays = "own_delays"
  /// The account's stage values are three times the true ones.
  case inflatedValues = "inflated_values"
  /// Lost deals are never marked as lost in the CRM.
  case noLostMarks = "no_lost_marks"
  /// Every ad's lead rate changes on the 46th day.
  case qualityShock = "quality_shock"
  /// The platform restates its days.
  case restated
  /// The platform does not spend all of a budget.
  case underdelivery

  /// What the world is like.
  package var parameters: WorldParameters {
    var world = WorldParameters()
    switch self {
    case .base: break
    case .clickbait:
      world.clickSpread = 0.5
      world.clickLeadCorrelation = -0.3
      world.clickStageCorrelation = -0.6
    case .mildClickbait:
      world.clickSpread = 0.5
      world.clickLeadCorrelation = -0.3
      world.clickStageCorrelation = -0.3
    case .shortLag: world.delayMedians = [0.4, 1, 3.6]
    case .longLag: world.delayMedians = [2.3, 6.2, 21.5]
    case .smallBudget: world.dailyBudget = 200
    case .largeBudget: world.dailyBudget = 2_000
    case .noFatigue: world.fatigueExponent = 0
    case .longRun: world.days = 180
    case .ownDelays: world.adDelaySpread = 0.5
    case .inflatedValues: world.stageValueFactor = 3
    case .noLostMarks: world.marksLosses = false
    case .qualityShock: world.shockDay = 45
    case .restated: world.restates = true
    case .underdelivery: world.underdelivers = true
    }
    return world
  }
}
