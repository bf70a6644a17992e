import Foundation
import ServiceLifecycle
import Values

/// Lets a trial's days pass, until all have passed or the process is told to stop.
struct TrialRole: Service, CustomStringConvertible {
  let trial: Trial
  /// Whether the process is told to stop after the last day.
  let endsWhenDone: Bool
  /// Called with each day.
  let onDay: @Sendable (TrialDays.Day) -> Void

  func run() async throws {
    try await cancelWhenGracefulShutdown {
      do {
        try await letDaysPass()
      } catch is CancellationError {
        return
      }
      if endsWhenDone { kill(getpid(), SIGTERM) }
    }
  }

  /// For logs: without the whole world.
  var description: String { "trial" }

  private func letDaysPass() async throws {
    var days = TrialDays(trial)
    let clock = ContinuousClock()
    for _ in 0..<trial.settings.days {
      let begun = clock.now
      onDay(try await days.pass())
      // At a pace that a person can follow.
      try await Task.sleep(until: begun + .seconds(60 / trial.settings.daysPerMinute), clock: clock)
    }
  }
}
