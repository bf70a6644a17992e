import Values

/// The world's clock: it runs so many times as fast as the wall's, and can be moved on.
struct SandboxClock: Sendable {
  /// Seconds that pass for each second of the wall clock; 0 where it only moves when it is told to.
  let speed: Double
  private var anchor: Instant
  private var wallAnchor: Instant

  /// Starts at `start` when the wall clock shows `wall`.
  init(start: Instant, speed: Double, wall: Instant) {
    self.speed = speed
    anchor = start
    wallAnchor = wall
  }

  /// What it shows when the wall clock shows `wall`.
  func now(wall: Instant) -> Instant {
    let passed = Double(max(wall.microseconds - wallAnchor.microseconds, 0)) * speed
    return Instant(microseconds: anchor.microseconds + Int64(clamping: passed))
  }

  /// Moves it on.
  mutating func advance(seconds: Int64, wall: Instant) {
    anchor = now(wall: wall).adding(seconds: seconds)
    wallAnchor = wall
  }
}
