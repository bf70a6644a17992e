import Accounts
import DecisionEngine
import Formats
import Storage
import Values
import Web

/// A stored decision as shown to people.
package struct StoredDecision: Sendable {
  /// What is stored.
  package let record: DecisionRecord
  /// All inputs, as JSON.
  package let inputs: String
  /// The result, as JSON: every value on the way, or only the outcome, where ``note`` says why.
  package let result: String
  /// Why the result contains only the outcome; nil where it is complete.
  package let note: String?

  /// The JSON of `part`, such as `\.inputs`. Throws an ``UnreadableRow``.
  package func json(_ part: KeyPath<StoredDecision, String>) throws(UnreadableRow) -> JSONValue {
    try record.read { try JSONReader.read(self[keyPath: part]) { try $0.readValue() } }
  }

  /// The length of the texts, in bytes.
  var byteCount: Int { inputs.utf8.count + record.configuration.utf8.count + result.utf8.count }
}

package struct Replay: Sendable {
  /// The decision as it was stored.
  package let stored: DecisionRecord
  /// The result this time, as JSON.
  package let result: String
  /// Whether every figure is the same to the bit.
  package let isIdentical: Bool
}

extension DecisionService {
  /// The stored decision. Whatever is not stored of its result is recomputed.
  ///
  /// Throws ``DecisionError/unknown(_:)`` or ``DecisionError/removed(_:)``.
  package func stored(_ id: DecisionID) async throws -> StoredDecision {
    let kept = try await kept(id)
    guard let outcome = kept.record.outcome else {
      return StoredDecision(record: kept.record, inputs: kept.record.inputs, result: kept.record.result, note: nil)
    }
    return try await compute.run(of: id.accountID, .replaying(kept)) {
      let inputs = try kept.inputs()
      let (again, note) = madeAgain(kept.record, outcome, inputs)
      return StoredDecision(
        record: kept.record, inputs: InputsCoding.text(inputs), result: try again ?? outcome.text(kept.record),
        note: note)
    }
  }

  /// Replays a stored decision from its inputs, with the version of the policy that made it. Throws a ``DecisionError``
  /// where it does not exist or this release does not know that version.
  package func replay(_ id: DecisionID) async throws -> Replay {
    let kept = try await kept(id)
    return try await compute.run(of: id.accountID, .replaying(kept)) { [accounts] in
      guard let version = PolicyVersion(kept.record.policyVersion) else {
        throw DecisionError.unknownPolicyVersion(id, kept.record.policyVersion)
      }
      let inputs = try kept.inputs()
      let configuration = try kept.record.read {
        try accounts.settings.configuration(stored: kept.record.configuration)
      }
      let coding = SelectionCoding(configuration)
      let selection = try inputs.select(configuration, version: version)
      let again = coding.explained(selection, basis: inputs.basis)
      var isIdentical = false
      if let outcome = kept.record.outcome {
        isIdentical =
          try again.sha256 == outcome.resultSHA256 && outcome.unpacked(id) == coding.outcomes(selection)
          && Self.sameJSON(kept.record.result, coding.totals(selection, basis: inputs.basis))
      } else {
        isIdentical = try Self.sameJSON(kept.record.result, again.text)
      }
      return Replay(stored: kept.record, result: again.text, isIdentical: isIdentical)
    }
  }

  private func kept(_ id: DecisionID) async throws -> KeptDecision {
    try await database.read { [repository, snapshots] transaction in
      if let record = try repository.get(id, in: transaction) {
        let chain = try record.outcome.map {
          try snapshots.chain(endingWith: $0.snapshot, of: id.accountID, in: transaction)
        }
        return KeptDecision(record: record, chain: chain ?? [])
      }
      guard let removed = try repository.removed(id, in: transaction) else { throw DecisionError.unknown(id) }
      throw DecisionError.removed(removed)
    }
  }

  /// The complete result, or why it cannot be shown.
  private func madeAgain(
    _ record: DecisionRecord, _ outcome: DecisionOutcome, _ inputs: SelectionInputs
  ) -> (result: String?, note: String?) {
    let shown = "only the stored outcome is shown"
    guard let version = PolicyVersion(record.policyVersion) else {
      return (nil, "made by \(record.policyVersion), which this release does not know: \(shown)")
    }
    do {
      let configuration = try accounts.settings.configuration(stored: record.configuration)
      let selection = try inputs.select(configuration, version: version)
      let again = SelectionCoding(configuration).explained(selection, basis: inputs.basis)
      guard again.sha256 == outcome.resultSHA256 else {
        return (nil, "the replayed decision differs from the stored one: \(shown)")
      }
      return (again.text, nil)
    } catch {
      return (nil, "the decision cannot be replayed (\(error)): \(shown)")
    }
  }

  /// Compares values rather than texts: a database may store the same JSON with other white space or in another order.
  private static func sameJSON(_ left: String, _ right: String) throws -> Bool {
    try JSONReader.read(left) { try $0.readValue() }.canonicalText
      == JSONReader.read(right) { try $0.readValue() }.canonicalText
  }
}

/// A decision with the snapshots that it is read from, oldest first.
private struct KeptDecision: Sendable {
  private static let snapshots = StoredTable("decision_snapshots", key: "account_id", "number")

  let record: DecisionRecord
  let chain: [SnapshotRow]

  /// All inputs. Throws where the stored data differs from what was stored originally.
  func inputs() throws -> SelectionInputs {
    let account = record.id.accountID
    var inputs = try record.read { try InputsCoding.read(record.inputs, account: account) }
    guard let outcome = record.outcome else { return inputs }
    try Self.snapshots.read(key: [account.value, "\(outcome.snapshot)"]) {
      try RebuiltSnapshot(chain).snapshot.fill(&inputs, of: account)
    }
    return inputs
  }
}

extension DecisionOutcome {
  /// The most bytes that the recommendations may decompress to.
  private static let byteLimit = 64 << 20

  private static let table = StoredTable("decision_outcomes", key: "account_id", "decision_id")

  fileprivate func unpacked(_ id: DecisionID) throws(UnreadableRow) -> [UInt8] {
    try Self.table.read(key: [id.accountID.value, id.token]) {
      try Deflate.unpack(recommendations, limit: Self.byteLimit)
    }
  }

  /// The outcome as JSON: what concerns the decision as a whole, and the ads' budgets and verdicts.
  fileprivate func text(_ record: DecisionRecord) throws -> String {
    let bytes = try unpacked(record.id)
    return try record.read {
      guard case .object(var object) = try JSONReader.read(record.result, { try $0.readValue() }) else {
        throw DatabaseError.unreadableColumn("result")
      }
      let recommendations = try JSONReader.read(bytes) { try $0.readValue() }
      object.members.append(JSONObject.Member(key: "recommendations", value: recommendations))
      var json = JSONWriter()
      JSONValue.object(object).write(to: &json)
      return json.string
    }
  }
}

extension ComputeCost {
  fileprivate static func replaying(_ kept: KeptDecision) -> ComputeCost {
    let record = kept.record
    let bytes = record.inputs.utf8.count + record.result.utf8.count
    return ComputeCost(microseconds: (bytes + 4 * kept.chain.reduce(0) { $0 + $1.content.count }) / 50)
  }
}
