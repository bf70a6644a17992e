import Jobs

/// Why a feature does not do what it is asked for. The description says in a sentence what is wrong and what to do: the
/// same one at the command line, in an answer, and as the reason why a job is dead.
///
/// It says nothing of HTTP. What answer it becomes is said in the feature's `…ErrorCoding`, as ``APIErrorConvertible``.
package protocol FeatureError: JobError, CustomStringConvertible {
  /// A stable word for programs: the answer's code, and the class of a job's failure.
  var code: String { get }
}

extension FeatureError {
  /// A job that meets it is dead at once. An error that time may lift, without anybody's help, has a verdict of its own.
  package var verdict: JobVerdict { .discard(class: code, reason: description) }
}
