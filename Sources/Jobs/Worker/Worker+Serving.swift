import Synchronization
import Values

extension Worker {
  /// How often a stopping worker tries to record results before it leaves the rest to expire.
  private static let lastTries = 5

  /// Keeps a queue's places filled until the worker is told to stop; then waits for the running jobs to end.
  func serve(_ served: ServedQueue, until stop: StopSwitch) async {
    stop.rings(served.signal)
    await withDiscardingTaskGroup { group in
      while !stop.isTurned {
        do {
          for job in try await exchange(served) { group.addTask { await work(on: job, in: served) } }
          await wait(for: served.signal, atMost: settings.pollInterval)
        } catch {
          onEvent(.queueFailed(served.name, error))
          try? await sleep(settings.pollInterval)
        }
      }
      await withTaskGroup { waiting in
        waiting.addTask { await settleUntilIdle(served) }
        waiting.addTask { try? await sleep(settings.gracePeriod) }
        await waiting.next()
        waiting.cancelAll()
      }
      group.cancelAll()
      await settleUntilIdle(served)
    }
  }

  /// Renews the leases until the task is cancelled, and stops handlers whose lease was lost, whose job was cancelled,
  /// or that have exceeded their time limit.
  func keepAlive() async {
    while (try? await sleep(settings.lease / 3)) != nil { await beat() }
  }

  /// Writes one heartbeat for all leases.
  func beat() async {
    held.stopOverdue(at: clock())
    let leases = held.leases
    do {
      for (lease, status) in zip(leases, try await queue.heartbeat(leases, for: settings.lease)) {
        switch status {
        case .held: break
        case .cancelRequested: held.stop(lease.id, because: .cancelRequested)
        case .lost: held.stop(lease.id, because: .leaseLost)
        }
      }
    } catch {
      onEvent(.heartbeatFailed(error))
    }
  }

  /// Records results until nothing is leased, or the task is cancelled.
  private func settleUntilIdle(_ served: ServedQueue) async {
    var triesLeft = Self.lastTries
    while triesLeft > 0, !Task.isCancelled {
      do {
        // A separate task: cancelling this one must not interrupt a commit.
        let commit = Task { try await exchange(served, isStopping: true) }
        _ = try await commit.value
        if held.isIdle(in: served.name) { return }
        await served.signal.wait()
      } catch {
        onEvent(.queueFailed(served.name, error))
        triesLeft -= 1
        try? await sleep(settings.pollInterval)
      }
    }
  }

  private func wait(for signal: WakeSignal, atMost time: Duration) async {
    if signal.takeRing() { return }
    await withTaskGroup { group in
      group.addTask { await signal.wait() }
      group.addTask { try? await sleep(time) }
      await group.next()
      group.cancelAll()
    }
  }
}

/// Turned once, for good; raises the signals registered with it.
final class StopSwitch: Sendable {
  private struct State {
    var isTurned = false
    var signals: [WakeSignal] = []
  }

  private let state = Mutex(State())

  var isTurned: Bool { state.withLock { $0.isTurned } }

  /// Raises `signal` when the switch is turned, or at once where it has been.
  func rings(_ signal: WakeSignal) {
    let isTurned = state.withLock { state in
      state.signals.append(signal)
      return state.isTurned
    }
    if isTurned { signal.ring() }
  }

  func turn() {
    let signals = state.withLock { state in
      state.isTurned = true
      return state.signals
    }
    for signal in signals { signal.ring() }
  }
}
