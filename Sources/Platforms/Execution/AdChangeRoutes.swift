import Accounts
import Decisions
import Execution
import Formats
import Values
import Web

/// Changes over HTTP: proposing, approving, rejecting and undoing them.
package struct AdChangeRoutes: Sendable {
  private let changes: AdChangeService
  private let optimization: OptimizationService

  package init(changes: AdChangeService, optimization: OptimizationService) {
    self.changes = changes
    self.optimization = optimization
  }

  private static let reason = QueryParameter("reason", ExecutionRoutes.reason)

  package var endpoints: [Endpoint] { single + whole }

  private var single: [Endpoint] {
    [
      Endpoint(
        .get, "/api/ad-changes", operationID: "listAdChanges", summary: "The account's changes, latest first.",
        tag: "Execution", access: .role(.viewer),
        query: [
          QueryParameter("state", .choice("Only in this state.", ChangeState.allCases.map(\.rawValue))),
          QueryParameter("batch", .text("Only of this batch.")),
          QueryParameter(
            "before", .text("Only changes proposed before this one: the last change of the previous page.")),
          QueryParameter("limit", .integer("The most to return; 100 by default.", 1...AdChangeService.page)),
        ], response: AdChangeSchemas.list, handle: list),
      Endpoint(
        .get, "/api/ad-changes/{change_id}", operationID: "getAdChange",
        summary: "A change with its history: who, when, why, the request and the reply.",
        tag: "Execution", access: .role(.viewer), response: AdChangeSchemas.explained, handle: show),
      Endpoint(
        .post, "/api/ad-changes/{change_id}/approve", operationID: "approveAdChange",
        summary: "Approves a proposal: it is applied as soon as the limits, which are then checked again, allow.",
        tag: "Execution", access: .role(.operator), response: AdChangeSchemas.explained, otherAnswers: [.conflict]
      ) { call in
        try await change(call) { try await changes.approve($0, of: $1.accountID, by: $1.actor) }
      },
      Endpoint(
        .post, "/api/ad-changes/{change_id}/reject", operationID: "rejectAdChange",
        summary: "Rejects a change that has not been written yet.", tag: "Execution", access: .role(.operator),
        query: [Self.reason], response: AdChangeSchemas.explained, otherAnswers: [.conflict]
      ) { call in
        let reason = try call.text("reason", length: 1...200)
        return try await change(call) { try await changes.reject($0, of: $1.accountID, by: $1.actor, reason: reason) }
      },
      Endpoint(
        .post, "/api/ad-changes/{change_id}/rollback", operationID: "rollBackAdChange",
        summary:
          "Undoes a written change, and answers with the change that does so. Refused where a person "
          + "has changed the object since.",
        tag: "Execution", access: .role(.operator), query: [Self.reason], response: AdChangeSchemas.explained,
        otherAnswers: [.conflict], handle: rollBack),
    ]
  }

  private var whole: [Endpoint] {
    [
      Endpoint(
        .post, "/api/execution/optimize", operationID: "optimize",
        summary: "Decides how the budget is to be split, compares that with what is live, and proposes the changes.",
        tag: "Execution", access: .role(.operator), request: AdChangeSchemas.optimizeRequest,
        response: AdChangeSchemas.optimized, otherAnswers: [.conflict], handle: optimize),
      Endpoint(
        .get, "/api/ad-change-batches", operationID: "listAdChangeBatches",
        summary: "Batches of proposals, latest first, with what was refused and why.", tag: "Execution",
        access: .role(.viewer),
        query: [
          QueryParameter("before", .text("Only batches made before this one: the last batch of the previous page.")),
          QueryParameter("limit", .integer("The most to return; 50 by default.", 1...AdChangeService.page)),
        ], response: AdChangeSchemas.batches, handle: batches),
      Endpoint(
        .get, "/api/ad-change-batches/{batch_id}", operationID: "getAdChangeBatch",
        summary: "A batch with its changes, in the order in which they are applied.", tag: "Execution",
        access: .role(.viewer), response: AdChangeSchemas.batch
      ) { call in
        let found = try await changes.batch(Self.id(call, "batch_id", "batch"), of: call.caller().accountID)
        var json = JSONWriter()
        AdChangeCoding(found.currency).write(found.batch, changes: found.changes, to: &json)
        return Reply(json: json.bytes)
      },
      Endpoint(
        .post, "/api/ad-change-batches/{batch_id}/approve", operationID: "approveAdChangeBatch",
        summary: "Approves all proposals of a batch.", tag: "Execution", access: .role(.operator),
        response: AdChangeSchemas.count, otherAnswers: [.conflict]
      ) { call in
        try await count(call) { try await changes.approve(batch: $0, of: $1.accountID, by: $1.actor) }
      },
      Endpoint(
        .post, "/api/ad-change-batches/{batch_id}/reject", operationID: "rejectAdChangeBatch",
        summary: "Rejects all changes of a batch that have not been written yet.", tag: "Execution",
        access: .role(.operator),
        query: [Self.reason], response: AdChangeSchemas.count
      ) { call in
        let reason = try call.text("reason", length: 1...200)
        return try await count(call) {
          try await changes.reject(batch: $0, of: $1.accountID, by: $1.actor, reason: reason)
        }
      },
      Endpoint(
        .post, "/api/ad-change-batches/{batch_id}/rollback", operationID: "rollBackAdChangeBatch",
        summary: "Undoes all written changes of a batch, and lists those that cannot be undone, and why.",
        tag: "Execution",
        access: .role(.operator), query: [Self.reason], response: AdChangeSchemas.rollback, otherAnswers: [.conflict],
        handle: rollBackBatch),
    ]
  }

  // MARK: Handlers

  @Sendable private func list(_ call: Call) async throws -> Reply {
    var filter = AdChangeFilter()
    filter.state = try call.choice("state", of: ChangeState.allCases.map(\.rawValue)).flatMap(
      ChangeState.init(rawValue:))
    filter.batch = try call.timedID("batch")
    filter.before = try call.timedID("before")
    filter.limit = try call.integer("limit", in: 1...AdChangeService.page) ?? filter.limit
    let listed = try await changes.list(filter, of: call.caller().accountID)
    let coding = AdChangeCoding(listed.currency)
    return Reply.object { json in
      json.key("changes")
      json.array { json in for change in listed.items { coding.write(change, to: &json) } }
    }
  }

  @Sendable private func show(_ call: Call) async throws -> Reply {
    try await change(call) { _, _ in }
  }

  /// Applies `work` to the change in the path, and answers with the change's new state.
  private func change(
    _ call: Call, _ work: (TimedID, Principal) async throws -> Void
  ) async throws -> Reply {
    let (id, caller) = (try Self.id(call, "change_id", "change"), try call.caller())
    try await work(id, caller)
    return try await reply(id, of: caller.accountID)
  }

  private func reply(_ id: TimedID, of account: AccountID) async throws -> Reply {
    let found = try await changes.change(id, of: account)
    var json = JSONWriter()
    AdChangeCoding(found.currency).write(found.change, history: found.history, to: &json)
    return Reply(json: json.bytes)
  }

  /// Applies `work` to the batch in the path, and answers with the number of changes affected.
  private func count(_ call: Call, _ work: (TimedID, Principal) async throws -> Int) async throws -> Reply {
    let id = try Self.id(call, "batch_id", "batch")
    let count = try await work(id, call.caller())
    return Reply.object { json in
      json.member("batch_id", id.description)
      json.member("num_changes", count)
    }
  }

  @Sendable private func rollBack(_ call: Call) async throws -> Reply {
    let caller = try call.caller()
    let made = try await changes.rollBack(
      Self.id(call, "change_id", "change"), of: caller.accountID, by: caller.actor,
      reason: call.text("reason", length: 1...200))
    return try await reply(made.id, of: caller.accountID)
  }

  @Sendable private func rollBackBatch(_ call: Call) async throws -> Reply {
    let caller = try call.caller()
    let outcome = try await changes.rollBack(
      batch: Self.id(call, "batch_id", "batch"), of: caller.accountID, by: caller.actor,
      reason: call.text("reason", length: 1...200))
    let coding = AdChangeCoding(outcome.currency)
    return Reply.object { json in
      json.key("changes")
      json.array { json in for change in outcome.changes { coding.write(change, to: &json) } }
      json.key("refusals")
      RefusalCoding.write(outcome.refused, to: &json)
    }
  }

  @Sendable private func batches(_ call: Call) async throws -> Reply {
    let listed = try await changes.batches(
      of: call.caller().accountID, before: call.timedID("before"),
      limit: call.integer("limit", in: 1...AdChangeService.page) ?? 50)
    let coding = AdChangeCoding(listed.currency)
    return Reply.object { json in
      json.key("batches")
      json.array { json in for batch in listed.items { coding.write(batch, to: &json) } }
    }
  }

  @Sendable private func optimize(_ call: Call) async throws -> Reply {
    let caller = try call.caller()
    var order = OptimizationService.Order(account: caller.accountID)
    order.author = caller.actor
    for change in try Self.readOrder(call.body) { change(&order) }
    let outcome = try await optimization.optimize(order)
    return Reply.object { json in
      json.member("decision_id", outcome.decided?.id.description)
      json.member("summary", OptimizationService.report(outcome))
      json.key("batch")
      if let proposed = outcome.batch {
        AdChangeCoding(proposed.currency).write(proposed.batch, changes: proposed.changes, to: &json)
      } else {
        json.null()
      }
    }
  }

  private static func readOrder(
    _ body: [UInt8]
  ) throws -> [@Sendable (inout OptimizationService.Order) -> Void] {
    try FieldReader.read(body) { json, fields in
      var changes: [@Sendable (inout OptimizationService.Order) -> Void] = []
      try json.readObject { key, json in
        if ["total_budget", "policy", "seed"].contains(key), try json.readNull() { return }
        switch key {
        case "total_budget":
          if let total = try fields.amount(key, &json, at: .root) { changes.append { $0.totalBudget = total } }
        case "policy":
          if let policy = try fields.choice(key, &json, at: .root, as: Policy.self) {
            changes.append { $0.policy = policy }
          }
        case "seed":
          if let seed = try fields.integer(key, &json, at: .root, in: 0...0x1F_FFFF_FFFF_FFFF) {
            changes.append { $0.seed = UInt64(seed) }
          }
        default: try fields.unknown(key, &json, at: .root, known: "total_budget, policy, seed")
        }
      }
      return changes
    }
  }

  private static func id(_ call: Call, _ name: String, _ noun: String) throws -> TimedID {
    let text = call.pathParameters[name] ?? ""
    guard let id = TimedID(text) else { throw APIError.notFound("\(noun) \(text)") }
    return id
  }
}

extension Call {
  /// A query parameter with the id of a change or a batch; nil where it is absent.
  fileprivate func timedID(_ name: String) throws -> TimedID? {
    try queryParameters[name].map { text in
      guard let id = TimedID(text) else { throw APIError.invalid(field: name, value: text, rule: TimedID.rule) }
      return id
    }
  }
}

extension OptimizationService.Outcome {
  /// The decision; nil where there was nothing to split.
  package var decided: DecisionService.Decided? {
    switch self {
    case .nothingToSplit: nil
    case .decided(let decided, _, _), .proposed(let decided, _, _): decided
    }
  }

  /// The proposals; nil where there were none.
  package var batch: ProposalService.Proposed? {
    if case .proposed(_, _, let proposed) = self { proposed } else { nil }
  }
}
