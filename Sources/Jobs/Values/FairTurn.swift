/// Start-time fair queueing: which job is next where many accounts share one queue.
///
/// Each job gets a turn when it becomes available, and jobs run in the order of their turns. The turns of one account
/// increase by one, and no turn lies before what has been served already: an account that pushes ten thousand jobs gets
/// turns far ahead, and another account's single job, pushed later, is among the first to run.
///
/// Source: P. Goyal, H. Vin, H. Cheng, "Start-time Fair Queueing", SIGCOMM 1996, with jobs of equal size.
package enum FairTurn {
  /// The turn after `last`, the account's latest in this queue, but at least `floor`.
  package static func next(after last: Int64?, floor: Int64) -> Int64 {
    max((last ?? 0) + 1, floor)
  }

  /// The floor once a job with this `turn` has been claimed.
  package static func floor(_ floor: Int64, afterClaimOf turn: Int64) -> Int64 {
    max(floor, turn)
  }
}
