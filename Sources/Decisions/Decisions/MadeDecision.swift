import Accounts
import Crypto
import DecisionEngine
import Formats
import Values

/// A computed decision, with everything that is stored of it.
struct MadeDecision: Sendable {
  let selection: BudgetSelection
  /// The answer of `select`.
  let answer: [UInt8]
  let snapshot: HashedSnapshot
  private let incomplete: DecisionRecord
  private let resultSHA256: String
  private let recommendations: [UInt8]

  /// Decides. Throws a ``DecisionError`` that says what to change.
  init(
    _ id: DecisionID, at now: Instant, by author: AuditActor, of totalBudget: Money, _ inputs: SelectionInputs,
    _ configuration: AccountConfiguration, _ settings: AccountSettings
  ) throws {
    let coding = SelectionCoding(configuration)
    selection = try inputs.select(configuration)
    let coded = coding.explained(selection, basis: inputs.basis)
    answer = coded.answer(id)
    resultSHA256 = coded.sha256
    snapshot = HashedSnapshot(Snapshot(inputs))
    recommendations = Deflate.pack(coding.outcomes(selection))
    incomplete = DecisionRecord(
      id: id, decidedAt: now, author: author.description, policyVersion: selection.policyVersion,
      configurationVersion: configuration.version, seed: inputs.seed, totalBudget: totalBudget,
      inputs: InputsCoding.callText(inputs), configuration: settings.text(configuration),
      result: coding.totals(selection, basis: inputs.basis))
  }

  /// The record to store, once its snapshot has a number.
  func record(from snapshot: Int) -> DecisionRecord {
    var record = incomplete
    record.outcome = DecisionOutcome(
      snapshot: snapshot, resultSHA256: resultSHA256, recommendations: recommendations)
    return record
  }
}
