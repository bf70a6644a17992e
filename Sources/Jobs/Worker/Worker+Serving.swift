import Synchronization
import Values

extension Worker {
  /// Keeps the places of a queue filled until the switch is turned; then lets the running jobs come to an end.
  func serve(_ name: QueueName, places: Int, until stop: StopSwitch) async {
    let signal = queue.signal(for: [name])
    stop.rings(signal)
    await withDiscardingTaskGroup { group in
      while !stop.isTurned {
        let free = places - count(in: name)
        let claimed = await claimOrReport(name, places: places)
        for job in claimed {
          group.addTask {
            await work(on: job)
            signal.ring()
          }
        }
        if claimed.count < free || free == 0 { await wait(for: signal, atMost: settings.pollInterval) }
      }
      await waitUntilIdle(name, signal)
      group.cancelAll()
    }
  }

  /// Holds on to the jobs until the task is cancelled, and stops handlers whose job was lost or called off.
  func keepAlive() async {
    while (try? await sleep(settings.lease / 3)) != nil { await beat() }
  }

  /// Writes one heartbeat for all that is held.
  func beat() async {
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

  private func count(in name: QueueName) -> Int {
    held.counts(in: name).values.reduce(0, +)
  }

  private func claimOrReport(_ name: QueueName, places: Int) async -> [ClaimedJob] {
    do {
      return try await claim(name, places: places)
    } catch {
      onEvent(.claimFailed(name, error))
      return []
    }
  }

  private func waitUntilIdle(_ name: QueueName, _ signal: WakeSignal) async {
    await withTaskGroup { group in
      group.addTask {
        while count(in: name) > 0, !Task.isCancelled { await signal.wait() }
      }
      group.addTask { try? await sleep(settings.gracePeriod) }
      await group.next()
      group.cancelAll()
    }
  }

  private func wait(for signal: WakeSignal, atMost time: Duration) async {
    await withTaskGroup { group in
      group.addTask { await signal.wait() }
      group.addTask { try? await sleep(time) }
      await group.next()
      group.cancelAll()
    }
  }
}

/// Turned once, for good; rings whoever has to know.
final class StopSwitch: Sendable {
  private struct State {
    var isTurned = false
    var signals: [WakeSignal] = []
  }

  private let state = Mutex(State())

  var isTurned: Bool { state.withLock { $0.isTurned } }

  /// Has `signal` rung when the switch is turned, or at once where it was.
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
