import Accounts
import Formats
import RemoteAPIs
import Storage
import Values

/// Why a launch does not continue at once.
enum LaunchHalt: Error {
  /// It waits for something.
  case waits(until: Instant, String)
  /// A person must look at it; `resume` is the state in which it continues then.
  case failed(String, resume: LaunchState)
  /// Another worker has taken it over.
  case superseded
}

/// Advances one launch step by step. Before each call that creates something at Meta, the progress and the moment of
/// the call are stored: where no reply arrives, what the call may have created is looked for before it is created
/// again.
struct LaunchRunner {
  let service: LaunchService
  var launch: Launch
  /// The client of the ad account; set by ``reach()``.
  private var found: MetaClient?
  /// Consecutive chunks that were sent and not accepted.
  var repeats = 0

  init(service: LaunchService, launch: Launch) {
    self.service = service
    self.launch = launch
  }

  /// How long after a call without a reply its outcome is looked for, in seconds: longer than a call takes.
  static let settleSeconds: Int64 = 180
  /// A call is sent within this many seconds of being recorded, or not at all.
  private static let sendSeconds: Int64 = 30
  /// How long it waits while execution is stopped, in seconds.
  private static let stopSeconds: Int64 = 600

  var now: Instant { service.clock() }

  /// Gets the client of the ad account. Throws a ``LaunchHalt`` where there is none, or it is for another ad account.
  mutating func reach() async throws {
    do {
      let client = try await service.client(of: launch.accountID)
      guard client.adAccount == launch.adAccount else {
        throw LaunchHalt.failed(
          "it was requested for ad account \(launch.adAccount), but the account is connected with \(client.adAccount)",
          resume: launch.state)
      }
      found = client
    } catch let error as LaunchError {
      throw LaunchHalt.failed("\(error)", resume: launch.state)
    }
  }

  var client: MetaClient {
    get throws {
      guard let found else { throw LaunchHalt.superseded }
      return found
    }
  }

  /// Does the next step. Returns whether there is more to do.
  mutating func step() async throws -> Bool {
    switch launch.state {
    case .requested: try await begin()
    case .uploading: try await upload()
    case .processing: try await prepare()
    case .creative: try await makeCreative()
    case .ad: try await makeAd()
    case .launched: return try await review()
    case .failed: return false
    }
    return true
  }

  // MARK: Storing

  /// Stores the launch's progress. Throws ``LaunchHalt/superseded`` where another worker has taken it over.
  func save() async throws {
    try await service.database.write { [service, launch] transaction in
      guard try service.repository.save(launch, in: transaction) else { throw LaunchHalt.superseded }
    }
  }

  /// Changes the launch and stores it, if writing is allowed for its account; otherwise leaves it unchanged.
  ///
  /// Throws a ``LaunchHalt``.
  mutating func saveBeforeWriting(_ change: (inout Launch) -> Void = { _ in }) async throws {
    var changed = launch
    change(&changed)
    let obstacle = try await service.database.write { [service, changed] transaction -> String? in
      if let obstacle = try service.obstacle(to: changed.accountID, in: transaction) { return obstacle }
      guard try service.repository.save(changed, in: transaction) else { throw LaunchHalt.superseded }
      return nil
    }
    if let obstacle { throw LaunchHalt.waits(until: now.adding(seconds: Self.stopSeconds), obstacle) }
    launch = changed
  }

  /// Creates something at Meta that must not be created twice, and returns its id.
  ///
  /// The moment of the call is stored before it. Where a moment is stored already, the outcome of that call is unknown:
  /// after a while `find` looks for what it was to create, and `make` creates it only where it is not found.
  mutating func makeOnce(
    find: (MetaClient) async throws(MetaError) -> [MetaID],
    make: (MetaClient, _ leavingBy: Instant) async throws(MetaError) -> MetaID
  ) async throws -> MetaID {
    if let sentAt = launch.sentAt {
      let settled = sentAt.adding(seconds: Self.settleSeconds)
      guard now >= settled else { throw Self.unanswered(until: settled) }
      if let made = try await find(client).first { return made }
    }
    let sentAt = now
    try await saveBeforeWriting { $0.sentAt = sentAt }
    do {
      return try await make(client, sentAt.adding(seconds: Self.sendSeconds))
    } catch let error as MetaError {
      guard error.kind != .outcomeUnknown else {
        throw Self.unanswered(until: sentAt.adding(seconds: Self.settleSeconds))
      }
      launch.sentAt = nil
      try await save()
      throw error
    }
  }

  private static func unanswered(until moment: Instant) -> LaunchHalt {
    .waits(until: moment, "Meta has not replied: what it may have created is looked for before it is created again")
  }
}
