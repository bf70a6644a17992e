import Execution
import Formats
import Values
import Web

/// Changes and batches as JSON, amounts in major units of the account's currency.
package struct AdChangeCoding: Sendable {
  private let amounts: ChangeAmounts

  package init(_ currency: Currency) {
    amounts = ChangeAmounts(currency: currency)
  }

  /// Writes a change as an object, with `history` where it is given.
  package func write(_ change: PendingAdChange, history: [ChangeEvent]? = nil, to json: inout JSONWriter) {
    json.object { json in
      json.member("change_id", change.id.description)
      json.member("batch_id", change.batchID.description)
      json.member("decision_id", change.decisionID)
      json.member("origin", change.origin.rawValue)
      json.member("object_id", change.object.value)
      json.member("level", change.level.rawValue)
      json.member("name", change.name)
      json.member("kind", change.action.kind.rawValue)
      amount("current_budget", change.action.budgets?.from, to: &json)
      amount("target_budget", change.action.budgets?.to, to: &json)
      json.member("currency", amounts.currency.code)
      json.member("reason", change.reason)
      json.key("expected_effect")
      json.object { json in
        amount("spend", change.effect.spend, to: &json)
        amount("revenue", change.effect.revenue?.mean, to: &json)
        amount("revenue_low", change.effect.revenue?.low, to: &json)
        amount("revenue_high", change.effect.revenue?.high, to: &json)
      }
      json.member("delivery_share", change.deliveryShare.value)
      json.member("learning", change.learning.rawValue)
      json.key("ads")
      json.array { json in for ad in change.ads { json.value(ad) } }
      amount("total_limit", change.totalLimit, to: &json)
      json.member("state", change.state.rawValue)
      json.member("state_reason", change.stateReason)
      json.member("proposed_at", change.proposedAt.description)
      json.member("proposed_by", change.proposedBy)
      json.member("expires_at", change.expiresAt.description)
      json.member("not_before", change.notBefore?.description)
      json.member("approved_at", change.approvedAt?.description)
      json.member("approved_by", change.approvedBy)
      json.member("applied_at", change.applyingAt?.description)
      json.member("finished_at", change.finishedAt?.description)
      json.member("rollback_of", change.rollbackOf?.description)
      json.member("rolled_back_by", change.rolledBackBy?.description)
      if let history {
        json.key("history")
        json.array { json in for event in history { Self.write(event, to: &json) } }
      }
    }
  }

  private func amount(_ key: StaticString, _ minorUnits: Int64?, to json: inout JSONWriter) {
    json.key(key)
    if let minorUnits { json.number(text: "\(amounts.money(minorUnits))") } else { json.null() }
  }

  private static func write(_ event: ChangeEvent, to json: inout JSONWriter) {
    json.object { json in
      json.member("at", event.at.description)
      json.member("actor", event.actor)
      json.member("event", event.event.rawValue)
      json.member("state", event.state.rawValue)
      json.member("detail", event.detail)
      json.member("request", event.request)
      json.member("response", event.response)
    }
  }

  /// Writes a batch as an object, with its refusals, and with its changes where they are given.
  package func write(_ batch: ChangeBatch, changes: [PendingAdChange]? = nil, to json: inout JSONWriter) {
    json.object { json in
      json.member("batch_id", batch.id.description)
      json.member("made_at", batch.madeAt.description)
      json.member("made_by", batch.madeBy)
      json.member("decision_id", batch.decisionID)
      amount("total_budget", batch.totalBudget, to: &json)
      json.member("currency", amounts.currency.code)
      json.member("num_changes", batch.changes)
      json.member("note", batch.note)
      json.key("refusals")
      RefusalCoding.write(batch.refusals, to: &json)
      if let changes {
        json.key("changes")
        json.array { json in for change in changes { write(change, to: &json) } }
      }
    }
  }
}

/// The schemas of changes and batches.
enum AdChangeSchemas {
  private static func amount(_ description: String) -> Schema { .answeredAmount(description).orNull() }

  private static func moment(_ description: String) -> Schema { .formatted(description, "date-time").orNull() }

  private static func id(_ description: String) -> Schema {
    .string(description, length: 24...24, pattern: "^[0-9a-f]{24}$")
  }

  private static let fields: [(String, Schema)] = [
    ("change_id", id("The change.")), ("batch_id", id("The batch that it was proposed in.")),
    ("decision_id", Schema.string("The decision behind it.").orNull()),
    ("origin", .choice("Why it was proposed.", ChangeOrigin.allCases.map(\.rawValue))),
    ("object_id", .string("The campaign, ad set or ad.")),
    ("level", .choice("The level of the object.", ObjectLevel.allCases.map(\.rawValue))),
    ("name", Schema.string("The object's name.").orNull()),
    ("kind", .choice("The kind of change.", ChangeKind.allCases.map(\.rawValue))),
    ("current_budget", amount("The daily budget that the change expects to find.")),
    ("target_budget", amount("The daily budget that it sets.")),
    ("currency", .string("The currency of all amounts.")), ("reason", .string("Why.")),
    (
      "expected_effect",
      .object(required: [
        ("spend", amount("How much more is spent per day.")),
        ("revenue", amount("How much more revenue is expected per day; null where it is unknown.")),
        ("revenue_low", amount("The lower end of its 90 % range.")),
        ("revenue_high", amount("The upper end of its 90 % range.")),
      ])
    ),
    ("delivery_share", .number("The share of the account's delivery that it affects.")),
    ("learning", .choice("How far the platform had learned to deliver it.", LearningState.allCases.map(\.rawValue))),
    ("ads", .array(of: .string("An ad whose decided budget is in it."))),
    (
      "total_limit",
      amount("The total that the decision split: the change must not raise the account's budgets above it.")
    ),
    ("state", .choice("The state of the change.", ChangeState.allCases.map(\.rawValue))),
    ("state_reason", Schema.string("Why it is in this state, or what it waits for.").orNull()),
    ("proposed_at", .formatted("When.", "date-time")), ("proposed_by", .string("By whom.")),
    ("expires_at", .formatted("When it expires unless it has been applied.", "date-time")),
    ("not_before", moment("The earliest moment at which it may be applied.")),
    ("approved_at", moment("When it was approved.")),
    ("approved_by", Schema.string("Who approved it; `automatic` where the account's mode did.").orNull()),
    ("applied_at", moment("When it was written.")), ("finished_at", moment("When it ended.")),
    ("rollback_of", id("The change that it undoes.").orNull()),
    ("rolled_back_by", id("The change that undid it.").orNull()),
  ]

  static let change = Schema.object(required: fields).named("PendingAdChange")

  static let explained = Schema.object(
    required: fields + [
      (
        "history",
        .array(
          of: .object(required: [
            ("at", .formatted("When.", "date-time")), ("actor", .string("Who.")),
            ("event", .choice("What happened.", ChangeEvent.Kind.allCases.map(\.rawValue))),
            ("state", .choice("The state after the event.", ChangeState.allCases.map(\.rawValue))),
            ("detail", Schema.string("Why.").orNull()),
            ("request", Schema.string("The request to the platform.").orNull()),
            ("response", Schema.string("The platform's reply.").orNull()),
          ]))
      )
    ]
  ).named("ExplainedAdChange")

  static let list = Schema.object(required: [("changes", .array(of: change))])

  static let refusals = Schema.array(
    of: .object(required: [
      ("object_id", .string("The object that was to be changed.")), ("code", .string("The reason, as one word.")),
      ("reason", .string("Why not.")),
    ]))

  private static let batchFields: [(String, Schema)] = [
    ("batch_id", id("The batch.")), ("made_at", .formatted("When.", "date-time")), ("made_by", .string("By whom.")),
    ("decision_id", Schema.string("The decision behind it.").orNull()),
    ("total_budget", amount("The total that was split.")), ("currency", .string("The currency of all amounts.")),
    ("num_changes", .integer("How many changes it has.")), ("note", .string("A note on the batch as a whole.")),
    ("refusals", refusals),
  ]

  static let batches = Schema.object(required: [("batches", .array(of: .object(required: batchFields)))])

  static let batch = Schema.object(required: batchFields + [("changes", .array(of: change))]).named("AdChangeBatch")

  static let count = Schema.object(required: [
    ("batch_id", id("The batch.")), ("num_changes", .integer("How many of its changes were affected.")),
  ])

  static let rollback = Schema.object(required: [
    ("changes", .array(of: change)), ("refusals", refusals),
  ])

  static let optimizeRequest = Schema.object(optional: [
    ("total_budget", .amount("What the account should spend per day; by default what its live budgets allow.")),
    ("policy", .choice("The policy that decides.", ["lag_aware", "battle_hardened"])),
    ("seed", .integer("The seed of every draw.", 0...9_007_199_254_740_991)),
  ]).named("OptimizationRequest")

  static let optimized = Schema.object(required: [
    ("decision_id", Schema.string("The decision; null where there was nothing to split.").orNull()),
    ("summary", .string("The result in a sentence.")), ("batch", batch.orNull()),
  ])
}
