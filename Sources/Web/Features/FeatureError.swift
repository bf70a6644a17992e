import Jobs

/// Why a feature does not do what it was asked to. The description says in a sentence what is wrong and what to do;
/// commands print it, answers contain it, and it is the reason of a dead job.
///
/// It does not depend on HTTP: the feature's `…ErrorCoding` converts it to an answer, as ``APIErrorConvertible``.
package protocol FeatureError: JobError, CustomStringConvertible {
  /// A stable word for programs: the answer's error code, and the class of a job's failure.
  var code: String { get }
}

extension FeatureError {
  /// A job that fails with it is dead at once. An error that may disappear by itself overrides this.
  package var verdict: JobVerdict { .discard(class: code, reason: description) }
}
