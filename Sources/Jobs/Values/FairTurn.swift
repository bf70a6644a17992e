/// Start-time fair queueing: who is next where many accounts stand in one line.
///
/// Each job takes a turn when it becomes available, and turns are served in order. An account's turns follow one
/// another, and none lies behind what has been served already: an account that pushes ten thousand jobs fills the
/// turns far ahead, and one that comes later with a single job stands among the first of them.
///
/// Source: P. Goyal, H. Vin, H. Cheng, "Start-time Fair Queueing", SIGCOMM 1996, with jobs of equal size.
package enum FairTurn {
  /// The turn after `last`, the account's latest in this line, but not before `floor`.
  package static func next(after last: Int64?, floor: Int64) -> Int64 {
    max((last ?? 0) + 1, floor)
  }

  /// The floor once a job of `turn` has been claimed.
  package static func floor(_ floor: Int64, afterClaimOf turn: Int64) -> Int64 {
    max(floor, turn)
  }
}
