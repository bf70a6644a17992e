import App
import Storage
import Values

@testable import Jobs
@testable import Platforms

extension StatementCalls {
  private static let queue = ProcessHubSpotWebhook.queue

  private static func job(_ c: Crossing) -> ProcessHubSpotWebhook {
    ProcessHubSpotWebhook(accountID: c.caller.account, portalID: c.named.portal, dealID: c.named.deal)
  }

  /// The hold on a job that the caller's account would have, were the job its own.
  private static func lease(_ c: Crossing, _ number: Int) -> Lease {
    let held = c.named.leases[number]
    return Lease(id: held.id, accountID: c.caller.account, queue: held.queue, name: held.name, token: held.token)
  }

  mutating func addJobs() {
    within("DatabaseJobQueue.push(_:_:in:)") { c, t in
      let other = ProcessHubSpotWebhook(
        accountID: c.caller.account, portalID: c.named.portal, dealID: c.named.deal + "new")
      return try c.system.jobs.push([Self.job(c), other], in: t).map(\.isNew)
    }
    within("DatabaseJobQueue.push(_:_:at:_:in:)") { c, t in
      let drafts = try JobDraft.drafts(of: [Self.job(c), Self.job(c)])
      return try DatabaseJobQueue.push(
        drafts, PushOptions(runAt: c.now.adding(seconds: 60)), at: c.now, c.system.jobs.ids, in: t
      ).map(\.isNew)
    }
    within("DatabaseJobQueue.waiting(owner:name:uniqueKey:in:)") { c, t in
      try DatabaseJobQueue.waiting(
        owner: JobOwner(c.caller.account), name: ProcessHubSpotWebhook.name, uniqueKey: c.named.deal, in: t)
    }
    within("DatabaseJobQueue.waitingCount(of:in:)") { c, t in
      try DatabaseJobQueue.waitingCount(of: c.caller.account, in: t)
    }
    within("DatabaseJobQueue.retry(_:of:in:)") { c, t in
      try c.system.jobs.retry(c.named.deadJob, of: c.caller.account, in: t)
    }
    within("DatabaseJobQueue.cancel(_:of:in:)") { c, t in
      try c.system.jobs.cancel(c.named.waitingJob, of: c.caller.account, in: t)
    }
    within("DatabaseJobQueue.pause(_:in:until:reason:in:)") { c, t in
      try c.system.jobs.pause(
        c.caller.account, in: Self.queue, until: c.now.adding(seconds: 9), reason: "test", in: t)
    }
    within("DatabaseJobQueue.pause(_:in:until:reason:_:)") { c, t in
      try DatabaseJobQueue.pause(
        JobOwner(c.caller.account), in: Self.queue, until: c.now.adding(seconds: 9), reason: "test", t)
    }
    within("DatabaseJobQueue.resume(_:in:in:)") { c, t in
      try c.system.jobs.resume(c.caller.account, in: Tenant.pausedQueue, in: t)
    }
    within("DatabaseJobQueue.finish(_:report:in:)") { c, t in
      try c.system.jobs.finish(Self.lease(c, 0), report: nil, in: t)
    }
    within("HeldRow.held(by:in:)", "HeldRow.facts(in:)") { c, t in
      try HeldRow.held(by: Self.lease(c, 0), in: t).map { ($0, try $0.facts(in: t)) }
    }
    within("HeldRow.land(_:at:in:)") { c, t in
      try HeldRow.held(by: Self.lease(c, 3), in: t).map { row in
        try row.land(JobTransition(.release, row.facts(in: t)), at: c.now, in: t)
      }
    }
    within("TurnAllocator.lookUp(_:in:priority:)", "TurnAllocator.take(for:in:priority:)", "TurnAllocator.close()") {
      c, t in
      var turns = TurnAllocator(t)
      try turns.lookUp([JobOwner(c.caller.account)], in: Self.queue, priority: 5)
      let turn = try turns.take(for: JobOwner(c.caller.account), in: Self.queue, priority: 5)
      try turns.close()
      return turn
    }
  }

  mutating func addJobsOfWorkers() {
    committed("DatabaseJobQueue.job(_:of:)") { c in
      try await c.system.jobs.job(c.named.waitingJob, of: c.caller.account)
    }
    committed("DatabaseJobQueue.list(_:)") { c in
      try await c.system.jobs.list(JobFilter(accountID: c.caller.account))
    }
    committed("DatabaseJobQueue.push(_:_:)") { c in
      let other = ProcessHubSpotWebhook(
        accountID: c.caller.account, portalID: c.named.portal, dealID: c.named.deal + "pushed")
      return try await c.system.jobs.push([Self.job(c), other])
    }
    committed("DatabaseJobQueue.retry(_:of:)") { c in
      try await c.system.jobs.retry(c.named.deadJob, of: c.caller.account)
    }
    committed("DatabaseJobQueue.cancel(_:of:)") { c in
      try await c.system.jobs.cancel(c.named.waitingJob, of: c.caller.account)
    }
    committed("DatabaseJobQueue.pause(_:in:until:reason:)", "DatabaseJobQueue.resume(_:in:)") { c in
      let end = c.now.adding(seconds: 9)
      try await c.system.jobs.pause(c.caller.account, in: Self.queue, until: end, reason: "test")
      return try await c.system.jobs.resume(c.caller.account, in: Self.queue) ? c.caller.account.value : "none"
    }
    committed("DatabaseJobQueue.heartbeat(_:for:)") { c in
      try await c.system.jobs.heartbeat([Self.lease(c, 0)], for: .seconds(99))
    }
    committed("DatabaseJobQueue.settle(_:)") { c in
      try await c.system.jobs.settle([Settlement(Self.lease(c, 1), .completed(nil))])
    }
    committed("DatabaseJobQueue.settle(_:thenClaim:)") { c in
      let request = ClaimRequest(queue: Self.queue, names: [], limit: 0, owner: "test")
      return try await c.system.jobs.settle([Settlement(Self.lease(c, 2), .release)], thenClaim: request)
    }
    forAll(
      "DatabaseJobQueue.claim(_:)", "DatabaseJobQueue.claim(_:at:in:)",
      because: "workers claim every account's jobs, and do each in the scope of its account")
    forAll(
      "DatabaseJobQueue.counts()", "DatabaseJobQueue.oldestWaiting()", "DatabaseJobQueue.counters()",
      "DatabaseJobQueue.prune(_:limit:)", "AttemptTally.count(_:queue:name:failureClass:)", "AttemptTally.count(_:of:)",
      "AttemptTally.close(in:)", because: "it counts and clears by queue, for those who run the server")
    forAll(
      "Scheduler.run()", "Scheduler.tick()", "Scheduler.setEnabled(_:name:)", "Scheduler.forget(in:where:)",
      because: "schedules are of no account")
    forAll("Transaction.announce(_:)", because: "it touches no account's row")
  }
}
