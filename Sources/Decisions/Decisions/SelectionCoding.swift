import Accounts
import DecisionEngine
import Formats
import Measurement
import Values

/// Selections as JSON: in the answer of `select`, and in stored decisions.
package struct SelectionCoding: Sendable {
  private let reasons: Reasons
  private let currency: Currency
  private let unit: Double

  package init(_ configuration: AccountConfiguration) {
    reasons = Reasons(configuration.sampler().thresholds)
    currency = configuration.currency
    unit = Double(configuration.currency.minorUnitsPerMajor)
  }

  /// `selection` as an object, without explanations.
  package func answer(_ selection: BudgetSelection) -> [UInt8] {
    write(selection, basis: nil, explains: false).complete
  }

  /// `selection` with every value on the way to it; `basis` where it is about stored ads.
  package func explained(_ selection: BudgetSelection, basis: DecisionBasis?) -> CodedSelection {
    write(selection, basis: basis, explains: true)
  }

  /// What concerns a selection as a whole, as an object.
  func totals(_ selection: BudgetSelection, basis: DecisionBasis?) -> String {
    var json = JSONWriter()
    json.object { writeTotals(selection, basis, to: &$0) }
    return json.string
  }

  /// Only the outcomes of the ads, as an array.
  func outcomes(_ selection: BudgetSelection) -> [UInt8] {
    var json = JSONWriter(reservingCapacity: 96 * selection.adCount)
    json.array { json in
      for outcome in selection.outcomes {
        json.object { json in
          json.member("ad_id", outcome.adID.value)
          json.member("recommended_budget", Double(outcome.budget) / unit)
          json.member("verdict", outcome.verdict.rawValue)
        }
      }
    }
    return json.bytes
  }

  private func writeTotals(_ selection: BudgetSelection, _ basis: DecisionBasis?, to json: inout JSONWriter) {
    json.member("policy", selection.policyVersion)
    json.member("currency", currency.code)
    json.member("total_budget", Double(selection.totalBudget) / unit)
    json.member("allocated_budget", Double(selection.allocatedBudget) / unit)
    json.member("binding_constraint", selection.shortfall?.rawValue)
    json.member("note", Reasons.note(on: selection, basis, currency: currency))
    json.member("num_ads", selection.adCount)
    json.member("seed", selection.seed)
  }

  private func write(_ selection: BudgetSelection, basis: DecisionBasis?, explains: Bool) -> CodedSelection {
    // A little more than an ad needs: growing takes twice the memory and copies what has been written.
    var json = JSONWriter(reservingCapacity: 1024 + selection.adCount * (explains ? 1280 : 768))
    var explanations = Explanations(isWanted: explains)
    json.object { json in
      writeTotals(selection, basis, to: &json)
      if let basis { DecisionBasisCoding.write(basis, to: &json) }
      json.key("recommendations")
      json.array { json in
        switch selection {
        case .battleHardened(let selection):
          for recommendation in selection.recommendations {
            write(recommendation, selection.version, to: &json, &explanations)
          }
        case .lagAware(let selection):
          let coding = LagAwareCoding(currency: currency, version: selection.version)
          for recommendation in selection.recommendations {
            coding.write(recommendation, to: &json, &explanations)
          }
        }
      }
      if case .lagAware(let selection) = selection, let funnel = selection.funnel {
        explanations.write("learned_stages", to: &json) { LearnedFunnelCoding.write(funnel, to: &$0) }
      }
    }
    return CodedSelection(complete: json.bytes, explanations: explanations.places)
  }

  private func write(
    _ recommendation: Recommendation, _ version: PolicyVersion, to json: inout JSONWriter,
    _ explanations: inout Explanations
  ) {
    json.object { json in
      json.member("ad_id", recommendation.ad.adID.value)
      json.member("current_budget", recommendation.ad.currentDailyBudget)
      json.member("recommended_budget", Double(recommendation.recommendedBudget) / unit)
      json.member("change_percentage", recommendation.change.map { $0 * 100 })
      json.member("confidence", recommendation.score.confidence)
      let reason: Reasons.Reason
      switch version {
      case .one:
        json.member("decision", recommendation.judgement.decision.rawValue)
        reason = reasons.reason(for: recommendation.judgement, ad: recommendation.ad)
      case .two:
        json.member("verdict", recommendation.verdict.rawValue)
        json.member("judgement", recommendation.judgement.decision.rawValue)
        reason = reasons.reason(for: recommendation)
      }
      json.key("reason")
      json.value(reason.before, reason.figure, places: 2, reason.after)
      json.member("binding_constraint", recommendation.bindingConstraint?.rawValue)
      json.key("metrics")
      json.object { write(recommendation.score, of: recommendation.ad, to: &$0) }
      explanations.write("explanation", to: &json) { json in
        json.object { explain(recommendation, in: &$0) }
      }
    }
  }

  private func write(_ score: AdScore, of ad: AdState, to json: inout JSONWriter) {
    json.member("impressions", ad.impressions)
    json.member("clicks", ad.clicks)
    json.member("ctr", score.ctr)
    json.member("pipeline_roas", score.pipelineROAS)
    json.member("ctr_weight", score.ctrWeight)
    json.member("roas_weight", score.roasWeight)
    json.member("normalized_ctr", score.normalizedCTR)
    json.member("normalized_roas", score.normalizedROAS)
    json.member("blended_score", score.blendedScore)
    json.member("decay_factor", score.decayFactor)
    json.member("dna_boost", score.dnaBoost)
    json.member("final_score", score.finalScore)
    json.member("age_hours", ad.ageHours)
  }

  private func explain(_ recommendation: Recommendation, in json: inout JSONWriter) {
    json.member("rule", recommendation.judgement.rule.rawValue)
    json.member("mode", recommendation.judgement.mode.rawValue)
    json.member("judged_roas", recommendation.judgement.roas)
    json.member("spend", recommendation.ad.spend)
    json.member("alpha", recommendation.draw.alpha)
    json.member("beta", recommendation.draw.beta)
    json.member("sample", recommendation.draw.sample)
    json.member("share", recommendation.share)
    json.member("wanted_budget", recommendation.wantedBudget / unit)
    json.member("least_budget", Double(recommendation.bounds.lower) / unit)
    json.member("most_budget", Double(recommendation.bounds.upper) / unit)
  }
}
