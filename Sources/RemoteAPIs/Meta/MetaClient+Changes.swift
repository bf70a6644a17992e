import Formats
import Values

/// A change to a campaign, an ad set or an ad: absolute, so that repeating it changes nothing.
package enum MetaChange: Hashable, Sendable {
  /// Sets the average daily budget of a campaign or an ad set. An ad has none.
  case dailyBudget(MetaAmount)
  /// Stops it.
  case pause
  /// Lets it run, where its parents are active.
  case activate

  var form: [(name: String, value: String)] {
    switch self {
    case .dailyBudget(let amount): [("daily_budget", "\(amount.units)")]
    case .pause: [("status", MetaStatus.paused.text)]
    case .activate: [("status", MetaStatus.active.text)]
    }
  }
}

/// The result of one part of a batch.
package enum MetaBatchReply<Value: Sendable>: Sendable {
  /// Meta made the change, or returned the record.
  case done(Value)
  /// Meta refused it: nothing changed.
  case refused(MetaError)
  /// Meta did not report the result: read the object before changing it again.
  case unknown
}

extension MetaClient {
  /// The most parts of a batch.
  package static let largestBatch = 50

  /// Makes one change. It is sent once, and has been made where this returns.
  ///
  /// With `deadline` it is sent before that moment or not at all, however long it has to wait: then the error is of the
  /// kind ``MetaError/Kind/limited(_:until:)`` or ``MetaError/Kind/cancelled``.
  ///
  /// Throws a ``MetaError``: of the kind ``MetaError/Kind/outcomeUnknown`` where it is not known whether the change was
  /// made, and of another kind where it was not.
  package func apply(
    _ change: MetaChange, to id: MetaID, leavingBy deadline: Instant? = nil
  ) async throws(MetaError) {
    let answer = try await post("\(id)/", change.form, for: .writing, leavingBy: deadline)
    guard answer.value["success"] == .bool(true) else {
      throw MetaError(.outcomeUnknown, "Meta did not say that it made the change")
    }
  }

  /// Makes up to ``largestBatch`` independent changes with one call, and returns the result of each, in order.
  ///
  /// Throws a ``MetaError`` where the call as a whole failed: of the kind ``MetaError/Kind/outcomeUnknown`` where any
  /// of the changes may have been made, and of another kind where none was.
  package func apply(
    _ changes: [(id: MetaID, change: MetaChange)]
  ) async throws(MetaError) -> [MetaBatchReply<Void>] {
    let parts = changes.map { (path: "\($0.id)/", method: "POST", body: URLText.joined($0.change.form)) }
    return try await batch(parts, for: .writing).map { reply in
      switch reply {
      case .done(let answer): answer.value["success"] == .bool(true) ? .done(()) : .unknown
      case .refused(let error): error.kind == .outcomeUnknown ? .unknown : .refused(error)
      case .unknown: .unknown
      }
    }
  }

  /// Reads up to ``largestBatch`` campaigns, ad sets or ads with one call, and returns the result of each, in order.
  package func objects<Record: MetaRecord>(
    _ type: Record.Type, _ ids: [MetaID]
  ) async throws(MetaError) -> [MetaBatchReply<Record>] {
    let fields = URLText.joined([("fields", Record.fields.joined(separator: ","))])
    let parts = ids.map { (path: "\($0)/?\(fields)", method: "GET", body: String?.none) }
    var records: [MetaBatchReply<Record>] = []
    for reply in try await batch(parts, for: .reading) {
      switch reply {
      case .done(let answer):
        records.append(.done(try read { () throws(JSONField.Problem) in try Record(answer) }))
      case .refused(let error): records.append(.refused(error))
      case .unknown: records.append(.unknown)
      }
    }
    return records
  }

  /// The token and its proof are in the outer call only.
  private func batch(
    _ parts: [(path: String, method: String, body: String?)], for purpose: MetaThrottle.Purpose
  ) async throws(MetaError) -> [MetaBatchReply<JSONField>] {
    guard parts.count <= Self.largestBatch else {
      throw MetaError(.invalid, "a batch of \(parts.count) must have at most \(Self.largestBatch) parts")
    }
    guard !parts.isEmpty else { return [] }
    let batch = parts.map { part in
      let body = part.body.map { [(key: "body", value: JSONValue.string($0))] } ?? []
      return JSONValue.object(
        JSONObject(
          body + [(key: "method", value: .string(part.method)), (key: "relative_url", value: .string(part.path))]))
    }
    let answer = try await post("", [("batch", Self.text(.array(batch)))], for: purpose)
    guard let replies = answer.value.arrayValue, replies.count == parts.count else {
      let kind: MetaError.Kind = purpose == .writing ? .outcomeUnknown : .unreadable
      throw MetaError(kind, "the answer to a batch of \(parts.count) is not a list of as many")
    }
    return replies.map { reply(from: $0, for: purpose) }
  }

  private func reply(from part: JSONValue, for purpose: MetaThrottle.Purpose) -> MetaBatchReply<JSONField> {
    guard case .number(let code)? = part["code"], let status = Int(code) else { return .unknown }
    let body = part["body"]?.stringValue.flatMap { text in try? JSONReader.read(text) { try $0.readValue() } }
    if let error = refusal(status: status, body ?? .null, for: purpose) { return .refused(error) }
    return body.map { .done(JSONField($0, at: "")) } ?? .unknown
  }
}
