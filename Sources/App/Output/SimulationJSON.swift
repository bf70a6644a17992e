import DecisionEngine
import Formats
import Simulator

/// Simulation reports as JSON. Shares, gains and leads are ratios (1 is the whole), amounts are in major units.
enum SimulationJSON {
  static func text(_ worlds: [WorldReport]) -> String {
    var json = JSONWriter(reservingCapacity: 16 << 10)
    json.object { json in
      json.key("worlds")
      json.array { json in
        for world in worlds { write(world, to: &json) }
      }
    }
    return json.string
  }

  private static func write(_ world: WorldReport, to json: inout JSONWriter) {
    json.object { json in
      json.member("world", world.world.rawValue)
      json.key("parameters")
      write(world.world.parameters, to: &json)
      json.key("seeds")
      json.array { json in
        for seed in world.report.seeds { json.value(seed) }
      }
      json.key("policies")
      json.array { json in
        for row in world.report.rows { write(row, to: &json) }
      }
    }
  }

  private static func write(_ row: SimulationReport.Row, to json: inout JSONWriter) {
    json.object { json in
      json.member("policy", row.contestant.name)
      write("share_of_clairvoyant", row.share, to: &json)
      write("difference_to_battle_hardened", row.difference, to: &json)
      write("gain_over_battle_hardened", row.gain, to: &json)
      write("lead_of_lag_aware", row.lagAwareLead, to: &json)
      write("waste", row.waste, to: &json)
      write("false_kills", row.falseKills, to: &json)
      json.member("median_ready_day", row.medianReadyDay)
      write("weekly_shares", row.weeklyShares, to: &json)
    }
  }

  private static func write(_ key: StaticString, _ estimate: Estimate?, to json: inout JSONWriter) {
    json.key(key)
    guard let estimate else { return json.null() }
    json.object { json in
      json.member("mean", estimate.mean)
      json.member("margin", estimate.margin)
      json.member("low", estimate.margin.map { estimate.mean - $0 })
      json.member("high", estimate.margin.map { estimate.mean + $0 })
    }
  }

  private static func write(_ key: StaticString, _ numbers: [Double], to json: inout JSONWriter) {
    json.key(key)
    json.array { json in
      for number in numbers { json.value(number) }
    }
  }

  private static func write(_ world: WorldParameters, to json: inout JSONWriter) {
    json.object { json in
      json.member("days", world.days)
      json.member("initial_ads", world.initialAds)
      json.member("launch_every", world.launchEvery)
      json.member("daily_budget", world.dailyBudget)
      writeAudience(world, to: &json)
      writeRates(world, to: &json)
      writeDelays(world, to: &json)
      json.member("shock_day", world.shockDay)
      json.member("shock_spread", world.shockSpread)
      json.member("restates", world.restates)
      json.member("underdelivers", world.underdelivers)
    }
  }

  private static func writeAudience(_ world: WorldParameters, to json: inout JSONWriter) {
    json.member("cost_per_mille", world.costPerMille)
    write("season", world.season, to: &json)
    json.member("price_memory", world.priceMemory)
    json.member("price_deviation", world.priceDeviation)
    json.member("saturation", world.saturation)
    json.member("saturation_spread", world.saturationSpread)
    json.member("audience", world.audience)
    json.member("audience_spread", world.audienceSpread)
    json.member("fatigue_exponent", world.fatigueExponent)
  }

  private static func writeRates(_ world: WorldParameters, to json: inout JSONWriter) {
    json.member("click_rate", world.clickRate)
    json.member("click_spread", world.clickSpread)
    json.member("lead_rate", world.leadRate)
    json.member("lead_spread", world.leadSpread)
    json.member("click_lead_correlation", world.clickLeadCorrelation)
    write("stage_rates", world.stageRates, to: &json)
    write("stage_spreads", world.stageSpreads, to: &json)
    json.member("click_stage_correlation", world.clickStageCorrelation)
    json.member("deal_mean", world.dealMean)
    json.member("deal_spread", world.dealSpread)
    json.member("deal_deviation", world.dealDeviation)
  }

  private static func writeDelays(_ world: WorldParameters, to json: inout JSONWriter) {
    write("delay_medians", world.delayMedians, to: &json)
    json.member("delay_deviation", world.delayDeviation)
    json.member("loss_delay_factor", world.lossDelayFactor)
    json.member("ad_delay_spread", world.adDelaySpread)
    json.member("unattributed", world.unattributed)
    json.member("marks_losses", world.marksLosses)
    json.member("stage_value_factor", world.stageValueFactor)
  }
}
