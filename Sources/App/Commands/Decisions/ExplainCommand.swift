import ArgumentParser
import Decisions
import Formats
import Values

/// `explain`: every value on the way to a stored decision.
struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Show every value on the way to a stored decision.")

  @Argument(help: "The decision, as decide printed it.")
  var decisionID: String
  @Option(help: "Only this ad.")
  var ad: String?
  @Flag(help: "Print all inputs and results, as JSON.")
  var json = false
  @OptionGroup var database: DatabaseOption

  func run() async throws {
    try await reportingFailures {
      let stored = try await database.withSystem {
        try await $0.decisions.stored(try DecisionArgument.id(decisionID))
      }
      Console.print(
        json ? try Explanation.json(stored) : try Explanation.text(stored, onlyAd: ad))
    }
  }
}

/// Reads a decision's id from the command line.
enum DecisionArgument {
  static func id(_ text: String) throws -> DecisionID {
    guard let id = DecisionID(text) else {
      throw SettingError(name: "decision", value: text, rule: "must be ACCOUNT:TOKEN, as decide prints it")
    }
    return id
  }
}

/// A stored decision in words.
enum Explanation {
  static func json(_ stored: StoredDecision) throws -> String {
    let record = stored.record
    return JSONWriter.pretty([
      "decision_id": .string("\(record.id)"), "decided_at": .string("\(record.decidedAt)"),
      "author": .string(record.author),
      "policy": .string(record.policyVersion), "configuration_version": .number("\(record.configurationVersion)"),
      "result_note": stored.note.map { .string($0) } ?? .null,
      "inputs": try stored.json(\.inputs), "configuration": try stored.json(\.record.configuration),
      "result": try stored.json(\.result),
    ])
  }

  static func text(_ stored: StoredDecision, onlyAd: String?) throws -> String {
    let record = stored.record
    let result = try stored.json(\.result)
    let currency = result["currency"]?.stringValue ?? ""
    var lines = [
      "Decision \(record.id) of \(record.decidedAt), by \(record.author)",
      "  policy \(record.policyVersion), configuration version \(record.configurationVersion), seed \(record.seed)",
      "  \(number(result["allocated_budget"], 2)) of \(number(result["total_budget"], 2)) \(currency) allocated",
    ]
    if let note = result["note"]?.stringValue { lines.append("  note: \(note)") }
    if let note = stored.note { lines.append("  only budgets and verdicts are known: \(note)") }
    let ads = (result["recommendations"]?.arrayValue ?? []).filter { ad in
      onlyAd == nil || ad["ad_id"]?.stringValue == onlyAd
    }
    guard !ads.isEmpty else {
      throw SettingError(name: "--ad", value: onlyAd ?? "", rule: "must be one of the decision's ads")
    }
    for ad in ads { lines += ["", block(ad)] }
    return lines.joined(separator: "\n")
  }

  private static func block(_ ad: JSONValue) -> String {
    guard ad["explanation"] != nil else { return outcomeBlock(ad) }
    return ad["outlook"].map { lagAwareBlock(ad, $0) } ?? battleHardenedBlock(ad)
  }

  private static func outcomeBlock(_ ad: JSONValue) -> String {
    """
    Ad \(ad["ad_id"]?.stringValue ?? "")
      \(verdict(of: ad))
      budget        \(number(ad["recommended_budget"], 2))
    """
  }

  private static func lagAwareBlock(_ ad: JSONValue, _ outlook: JSONValue) -> String {
    let why = ad["explanation"] ?? .null
    let held = ad["binding_constraint"]?.stringValue.map { "limited by \($0)" } ?? "not limited"
    return """
      Ad \(ad["ad_id"]?.stringValue ?? "")
        \(verdict(of: ad)): \(ad["reason"]?.stringValue ?? "")
        budget        \(number(ad["current_budget"], 2)) -> \(number(ad["recommended_budget"], 2)) (\(change(of: ad)))
        known         \(number(outlook["spend"], 2)) spent, \(number(outlook["impressions"], 0)) impressions, \
      \(number(outlook["clicks"], 0)) clicks, \(number(outlook["deals"], 0)) deals, \
      \(number(outlook["won_deals"], 0)) won
        waiting       \(number(outlook["waiting_deals"], 0)) deals that may still go on
        marginal ROAS \(number(outlook["marginal_return"], 4)), with 90 % between \
      \(number(outlook["marginal_return_low"], 4)) and \(number(outlook["marginal_return_high"], 4))
        on average    returns \(number(outlook["average_return"], 4)) of each 1.00; at \
      \(number(outlook["saturation"], 2)) a day the next 1.00 buys half of what the first did
        wanted        \(number(why["wanted_budget"], 2)); allowed \(number(why["least_budget"], 2)) to \
      \(number(why["most_budget"], 2)); \(held)
        probability   \(number(outlook["chance_of_a_tenth"], 2)) that it deserves a tenth of the budget
      """
  }

  /// The verdict on the budget; what the thresholds say, in decisions that have no verdict.
  private static func verdict(of ad: JSONValue) -> String {
    ad["verdict"]?.stringValue ?? ad["decision"]?.stringValue ?? ""
  }

  private static func change(of ad: JSONValue) -> String {
    ad["change_percentage"]?.doubleValue.map {
      ($0 > 0 ? "+" : "") + FixedDecimal.text($0, decimals: 1) + " %"
    } ?? "new"
  }

  private static func battleHardenedBlock(_ ad: JSONValue) -> String {
    let metrics = ad["metrics"] ?? .null
    let why = ad["explanation"] ?? .null
    let held = ad["binding_constraint"]?.stringValue.map { "limited by \($0)" } ?? "not limited"
    return """
      Ad \(ad["ad_id"]?.stringValue ?? "")
        \(verdict(of: ad)): \(ad["reason"]?.stringValue ?? "")
        budget        \(number(ad["current_budget"], 2)) -> \(number(ad["recommended_budget"], 2)) (\(change(of: ad)))
        CTR           \(number(metrics["clicks"], 0)) clicks / \(number(metrics["impressions"], 0)) impressions \
      = \(number(metrics["ctr"], 6)), normalised \(number(metrics["normalized_ctr"], 4))
        pipeline ROAS \(number(metrics["pipeline_roas"], 4)) on \(number(why["spend"], 2)) spent, \
      normalised \(number(metrics["normalized_roas"], 4))
        blended       \(number(metrics["ctr_weight"], 4)) of CTR + \(number(metrics["roas_weight"], 4)) of ROAS \
      at \(number(metrics["age_hours"], 1)) h = \(number(metrics["blended_score"], 6))
        score         x decay \(number(metrics["decay_factor"], 6)) x DNA \(number(metrics["dna_boost"], 4)) \
      = \(number(metrics["final_score"], 6))
        draw          \(number(why["sample"], 6)) from Beta(\(number(why["alpha"], 3)), \(number(why["beta"], 3)))
        share         \(number(why["share"], 6)) of the total = \(number(why["wanted_budget"], 2)); \
      allowed \(number(why["least_budget"], 2)) to \(number(why["most_budget"], 2)); \(held)
        confidence    \(number(ad["confidence"], 4))
      """
  }

  private static func number(_ value: JSONValue?, _ decimals: Int) -> String {
    value?.doubleValue.map { FixedDecimal.text($0, decimals: decimals) } ?? "unknown"
  }
}
