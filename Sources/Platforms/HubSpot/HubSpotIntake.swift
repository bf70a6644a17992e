import Accounts
import Formats
import Jobs
import RemoteAPIs
import Storage
import Values
import Web

/// Receives HubSpot's webhooks: checks who sent them, and stores their events and the jobs to process them in one
/// transaction before it answers. Concurrent requests share a transaction, and so a write to disk.
package struct HubSpotIntake: Sendable {
  /// The longest body, in bytes: a hundred of HubSpot's events have about 50,000.
  static let bodyLimit = 1 << 20
  /// The most requests that wait for their transaction.
  private static let waitingLimit = 10_000
  /// The most requests in one transaction.
  private static let batchLimit = 512

  private let check: HubSpotSignatureCheck?
  private let signers: [AccountID?]
  private let commits: GroupCommit<SignedEvents, HubSpotIntakeReport>
  private let queue: DatabaseJobQueue

  /// Jobs go to `queue`, and `clock` returns the current moment.
  ///
  /// Throws a `HubSpotSignatureError` where the settings are invalid.
  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant, queue: DatabaseJobQueue,
    settings: HubSpotSettings
  ) throws {
    self.queue = queue
    signers = settings.signers.map(\.account)
    if let url = settings.webhookURL, !signers.isEmpty {
      check = try HubSpotSignatureCheck(
        publicURL: url, secrets: settings.signers.map(\.secret), olderVersions: settings.acceptsV1 ? [.v1] : [],
        now: clock)
    } else {
      check = nil
    }
    commits = GroupCommit(
      database: database, batchLimit: Self.batchLimit, waitingLimit: Self.waitingLimit
    ) { requests, transaction in
      let work = try HubSpotIntakeWork(now: clock(), waitingLimit: settings.waitingLimit, transaction)
      let reports = try requests.map(work.keep)
      // Once for all requests: a separate push for each would cost twice as much. Sorted, so that two processes that
      // push jobs for the same deals cannot deadlock. A deal that gets no job because the quota is reached keeps its
      // events; reconciling finds them.
      let jobs = try QuotaService().admitted(
        work.jobs.sorted { ($0.accountID, $0.dealID) < ($1.accountID, $1.dealID) }, in: transaction)
      for start in stride(from: 0, to: jobs.count, by: JobLimits.batch) {
        _ = try queue.push(Array(jobs[start..<min(start + JobLimits.batch, jobs.count)]), in: transaction)
      }
      return reports
    }
  }

  /// Whether the process has the settings it needs to receive webhooks.
  package var isConfigured: Bool { check != nil }

  /// Stores the events of a request. When this returns they are on disk.
  ///
  /// Throws a ``HubSpotIntakeError``.
  func take(_ request: HubSpotSignatureCheck.Request) async throws -> HubSpotIntakeReport {
    guard let check else { throw HubSpotIntakeError.notConfigured }
    let signer = try signer(of: request, check)
    let events = SignedEvents(
      signer: signer, events: try Self.events(request.body).map { $0.records(signer: HubSpotSigner(signer)) })
    do {
      let report = try await commits.submit(events)
      if report.accepted > 0 { queue.wake(.hubSpotWebhookEvents) }
      return report
    } catch is GroupCommitOverload {
      throw HubSpotIntakeError.tooBusy
    }
  }

  /// The account for which the signature is valid; nil for all.
  private func signer(
    of request: HubSpotSignatureCheck.Request, _ check: HubSpotSignatureCheck
  ) throws(HubSpotIntakeError) -> AccountID? {
    do {
      return signers[try check.match(request).secret]
    } catch {
      throw .notSigned(error)
    }
  }

  private static func events(_ body: [UInt8]) throws(HubSpotIntakeError) -> [HubSpotWebhookEvent] {
    do {
      return try HubSpotWebhookEvent.parse(body)
    } catch {
      throw .unreadable(error)
    }
  }
}

/// The events of a request, each as its rows or the reason why it cannot be stored, and the account for which its
/// signature is valid; nil for all.
struct SignedEvents: Sendable {
  let signer: AccountID?
  let events: [Result<[HubSpotEventRecord], RefusedHubSpotEvent>]
}
