import DecisionEngine
import Formats
import Values
import Web

/// The body of `select` and `decide`.
struct SelectRequest {
  var ads: [AdState]?
  /// Zero where the request has none.
  var totalBudget = Money.zero
  var dnaScores: [AdID: Double] = [:]
  var seed: UInt64?
  var policy = Policy.lagAware

  /// Reads a body for `caller`. Throws an ``InvalidInput`` that names each invalid field, and what
  /// ``Principal/ownAccount(named:field:)`` throws.
  static func read(_ body: [UInt8], caller: Principal, needsBudget: Bool) throws -> SelectRequest {
    var otherAccount: String?
    let request = try FieldReader.read(body) { json, fields in
      var request = SelectRequest()
      var given = Set<String>()
      try json.readObject { key, json in
        given.insert(key)
        let optional = needsBudget ? selectFields.filter { $0 != "total_budget" } : decideFields
        if optional.contains(key), try json.readNull() { return }
        switch key {
        case "ad_states": request.ads = try AdStateCoding.readList(&json, &fields, account: caller.accountID)
        case "account_id":
          if let name = try fields.string(key, &json, at: .root), name != caller.accountID.value {
            otherAccount = name
          }
        case "policy": request.policy = try fields.choice(key, &json, at: .root) ?? request.policy
        case "total_budget" where needsBudget:
          request.totalBudget = try fields.amount(key, &json, at: .root) ?? .zero
        case "creative_dna_scores" where needsBudget: request.dnaScores = try readScores(&json, &fields)
        case "seed" where needsBudget:
          request.seed = try fields.integer(key, &json, at: .root, in: 0...9_007_199_254_740_991).map { UInt64($0) }
        default:
          try fields.unknown(
            key, &json, at: .root, known: (needsBudget ? selectFields : decideFields).joined(separator: ", "))
        }
      }
      if needsBudget, !given.contains("total_budget") { fields.missing("total_budget", at: .root) }
      return request
    }
    if let otherAccount { _ = try caller.ownAccount(named: otherAccount, field: "account_id") }
    return request
  }

  /// Reads scores by ad id; `id` converts the text into an id.
  static func readScores(
    _ json: inout JSONReader, _ fields: inout FieldReader, id: (String) -> AdID? = { AdID($0) }
  ) throws -> [AdID: Double] {
    guard try json.peekKind() == .object else {
      fields.note("creative_dna_scores", try json.peekKind().rawValue, "must be an object of scores by ad id")
      try json.skipValue()
      return [:]
    }
    var scores: [AdID: Double] = [:]
    let path = FieldPath.member(of: "creative_dna_scores")
    try json.readObject { key, json in
      let score = try fields.number(key, &json, at: path, in: 0...1)
      guard let adID = id(key) else { return fields.note(path.appending(key), key, "must be \(AdID.rule)") }
      scores[adID] = score
    }
    return scores
  }

  private static let selectFields = [
    "total_budget", "ad_states", "creative_dna_scores", "account_id", "seed", "policy",
  ]
  private static let decideFields = ["ad_states", "account_id", "policy"]
}
