import Accounts
import Formats
import RemoteAPIs
import Storage
import Values

/// Why a launch does not go on at once.
enum LaunchHalt: Error {
  /// It waits for something.
  case waits(until: Instant, String)
  /// A person has to look at it; `resume` is where it goes on then.
  case failed(String, resume: LaunchState)
  /// Somebody else works on it.
  case superseded
}

/// Brings one launch on, step by step. How far it has come is stored before each call that makes something at Meta, with
/// the moment of the call: where the answer does not come, what it may have made is looked for before it is made again.
struct LaunchRunner {
  let service: LaunchService
  var launch: Launch
  /// Reaches the ad account; set by ``reach()``.
  private var found: MetaClient?
  /// Chunks that were sent and not taken, one after the other.
  var repeats = 0

  init(service: LaunchService, launch: Launch) {
    self.service = service
    self.launch = launch
  }

  /// How long after a call its outcome is looked for, where no answer came, in seconds: longer than a call takes.
  static let settleSeconds: Int64 = 180
  /// Within how many seconds of being noted a call leaves, or not at all.
  private static let sendSeconds: Int64 = 30
  /// How long it waits while execution is stopped, in seconds.
  private static let stopSeconds: Int64 = 600

  var now: Instant { service.clock() }

  /// Finds the way to the ad account. Throws a ``LaunchHalt`` where there is none, or to another one.
  mutating func reach() async throws {
    do {
      let client = try await service.client(of: launch.accountID)
      guard client.adAccount == launch.adAccount else {
        throw LaunchHalt.failed(
          "it was asked for in ad account \(launch.adAccount), and the account is connected with \(client.adAccount) now",
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

  /// Does what is to be done next. Returns whether more is to be done.
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

  /// Stores how far the launch has come. Throws ``LaunchHalt/superseded`` where somebody else works on it.
  func save() async throws {
    try await service.database.write { [service, launch] transaction in
      guard try service.repository.save(launch, in: transaction) else { throw LaunchHalt.superseded }
    }
  }

  /// Changes the launch and stores it, if anything may be written for its account; else it stays as it was.
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

  /// Makes something at Meta that must not be made twice, and returns its number.
  ///
  /// The moment of the call is stored before it. Where it is stored already, nobody knows what became of that call: after
  /// a while what it was to make is looked for by `find`, and made by `make` only where it is not there.
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
    .waits(until: moment, "Meta has not answered: what it may have made is looked for before it is made again")
  }
}
