import DecisionEngine
import Formats
import Measurement
import Storage
import Values
import Web

/// The id of a stored decision: its account and a random part, such as `acme:5f0c…`.
package struct DecisionID: Hashable, Sendable, CustomStringConvertible {
  package let accountID: AccountID
  /// The random part.
  package let token: String

  /// Reads `ACCOUNT:TOKEN`; returns nil for anything else.
  package init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let account = AccountID(String(parts[0])), (1...64).contains(parts[1].utf8.count)
    else { return nil }
    accountID = account
    token = String(parts[1])
  }

  /// Makes a new id.
  init(newFor account: AccountID) {
    accountID = account
    token = Hex.text((0..<8).map { _ in UInt8.random(in: 0...255) })
  }

  /// `ACCOUNT:TOKEN`.
  package var description: String { "\(accountID):\(token)" }
}

/// A decision as stored.
///
/// Earlier releases stored all inputs and results as JSON. Now the account's figures are stored separately, once for
/// all decisions based on them, and of the results only the outcome: the rest is recomputed from the figures.
package struct DecisionRecord: Sendable {
  /// The decision's id.
  package let id: DecisionID
  /// When it was made.
  package let decidedAt: Instant
  /// Who requested it: a key's id, `cli:USER` or `system`; `unknown` for decisions older than the record of authors.
  package let author: String
  package let policyVersion: String
  /// The version of the account's configuration.
  package let configurationVersion: Int
  /// The seed of every draw.
  package let seed: UInt64
  /// The total that was split.
  package let totalBudget: Money
  /// The inputs, as JSON; with an ``outcome``, those that are not in its snapshot.
  package let inputs: String
  /// The configuration that it was made with, as JSON.
  package let configuration: String
  /// The result, as JSON; with an ``outcome``, only what concerns the decision as a whole.
  package let result: String
  /// The stored outcome; nil for a decision that is stored completely as JSON.
  package var outcome: DecisionOutcome?
}

/// The outcome for a decision's ads, and the source of the rest.
package struct DecisionOutcome: Sendable {
  /// The number of the snapshot that the decision is based on.
  let snapshot: Int
  /// SHA-256 of the complete result's JSON, in hexadecimal digits.
  let resultSHA256: String
  /// Each ad's id, budget and verdict, as compressed JSON.
  let recommendations: [UInt8]
}

extension DecisionRecord {
  static let table = StoredTable("decisions", key: "account_id", "decision_id")

  /// Runs `body`, which reads what is stored of the decision. Throws an ``UnreadableRow`` for whatever that throws.
  func read<Value>(_ body: () throws -> Value) throws(UnreadableRow) -> Value {
    try Self.table.read(key: [id.accountID.value, id.token], body)
  }
}

/// What remains of a decision that was removed.
package struct RemovedDecision: Hashable, Sendable {
  let id: DecisionID
  let decidedAt: Instant
  let policyVersion: String
  let totalBudget: Money
  let removedAt: Instant
}
