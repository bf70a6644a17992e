import Accounts
import Execution
import Jobs
import RemoteAPIs
import Values
import Web

/// An ad account as read from the platform at one moment.
struct LiveReading: Sendable {
  let client: MetaClient
  /// When it was read.
  let at: Instant
  let objects: [LiveObject]
  /// The lowest daily budget that the platform accepts, in minor units.
  let platformMinimum: Int64
  /// The currency that the platform bills in.
  let currency: MetaCurrency
}

/// Reads the current state of ad accounts, and of single objects in them, from the platform.
package struct LiveAccounts: Sendable {
  /// Returns a client for an account's ad account. Throws a ``LiveAccountError``.
  let client: @Sendable (AccountID) async throws -> MetaClient
  private let clock: @Sendable () -> Instant

  /// `client` returns a client for an account's ad account, and throws ``LiveAccountError/noAccess(_:)`` where there is
  /// none; `clock` returns the current moment.
  init(
    client: @escaping @Sendable (AccountID) async throws -> MetaClient, clock: @escaping @Sendable () -> Instant
  ) {
    self.client = client
    self.clock = clock
  }

  /// Uses the verified connections with Meta.
  package init(connections: MetaConnectionService, clock: @escaping @Sendable () -> Instant) {
    self.init(
      client: { account in
        do {
          guard let (connection, client) = try await connections.client(of: account) else {
            throw LiveAccountError.noAccess("no ad account is connected")
          }
          guard connection.verifiedAt != nil else {
            throw LiveAccountError.noAccess(
              "ad account \(connection.adAccount) has not been verified: \(connection.advice)")
          }
          return client
        } catch let missing as MetaTokenMissing {
          throw LiveAccountError.noAccess("\(missing)")
        }
      }, clock: clock)
  }

  /// Everything in the ad account that is neither archived nor deleted. Throws a ``LiveAccountError``.
  func read(_ account: AccountID, _ currency: Currency) async throws -> LiveReading {
    let client = try await client(account)
    do {
      let at = clock()
      let known = try await client.account()
      guard known.isActive else { throw LiveAccountError.notActive(known.statusName) }
      let billed = try MetaCurrency(known.currency)
      guard billed.currency == currency else { throw LiveAccountError.otherCurrency(known.currency, currency) }
      var objects: [LiveObject] = []
      objects += try await all(MetaCampaign.self, client, LiveObject.init)
      objects += try await all(MetaAdSet.self, client, LiveObject.init)
      objects += try await all(MetaAd.self, client) { ad, _ in LiveObject(ad) }
      return LiveReading(
        client: client, at: at, objects: objects, platformMinimum: max(known.minDailyBudget ?? 1, 1), currency: billed)
    } catch let error as MetaError {
      throw LiveAccountError.unreadable(error)
    } catch let error as MetaCurrencyError {
      throw LiveAccountError.unknownCurrency(error)
    }
  }

  private func all<Record: MetaRecord>(
    _ type: Record.Type, _ client: MetaClient, _ make: (Record, [BudgetSchedule]?) -> LiveObject?
  ) async throws -> [LiveObject] {
    let statuses = MetaEffectiveStatus.listed(of: type).filter { $0 != .archived }
    var pages = client.objects(type, in: statuses)
    var objects: [LiveObject] = []
    while let page = try await pages.next() {
      for record in page {
        if let object = make(record, try await Self.schedules(of: record, client)) { objects.append(object) }
      }
    }
    return objects
  }

  /// The current state of an object.
  func object(_ id: ObjectID, _ level: ObjectLevel, _ client: MetaClient) async throws(MetaError) -> LiveObject {
    guard let number = MetaID(id.value) else { throw MetaError(.notFound, "\(id) is not an id of Meta's") }
    let object: LiveObject?
    switch level {
    case .campaign:
      let record = try await client.object(MetaCampaign.self, number)
      object = LiveObject(record, try await Self.schedules(of: record, client))
    case .adSet:
      let record = try await client.object(MetaAdSet.self, number)
      object = LiveObject(record, try await Self.schedules(of: record, client))
    case .ad: object = LiveObject(try await client.object(MetaAd.self, number))
    }
    guard let object else { throw MetaError(.unreadable, "\(id) has no id of Meta's") }
    return object
  }

  /// Those of the objects that can be read now, by id: any other is checked again when it is to be changed.
  func present(
    of objects: [(id: ObjectID, level: ObjectLevel)], _ account: AccountID
  ) async throws -> [ObjectID: LiveObject] {
    guard !objects.isEmpty else { return [:] }
    let client: MetaClient
    do {
      client = try await self.client(account)
    } catch is LiveAccountError {
      return [:]
    }
    var present: [ObjectID: LiveObject] = [:]
    for (id, level) in objects { present[id] = try? await object(id, level, client) }
    return present
  }

  /// When the record's budget is raised: empty where it has no schedules, nil where they cannot be read.
  private static func schedules(
    of record: some MetaRecord, _ client: MetaClient
  ) async throws(MetaError) -> [BudgetSchedule]? {
    let (id, budget): (MetaID, MetaBudget)
    switch record {
    case let campaign as MetaCampaign: (id, budget) = (campaign.id, campaign.budget)
    case let adSet as MetaAdSet: (id, budget) = (adSet.id, adSet.budget)
    default: return []
    }
    guard budget.hasSchedules, budget.daily != nil else { return [] }
    do {
      return try await client.budgetSchedules(of: id).map(BudgetSchedule.init)
    } catch  where error.kind == .invalid || error.kind == .forbidden {
      return nil
    }
  }
}

extension MetaConnection {
  /// What must be done before its ad account may be changed.
  fileprivate var advice: String {
    problem ?? "run geminivideo meta sync --account \(accountID) once"
  }
}

/// Why an ad account cannot be read, or must not be changed.
package enum LiveAccountError: Error, Equatable, CustomStringConvertible {
  /// It is not connected, not verified, or has no token; the text says what is missing, and what to do.
  case noAccess(String)
  case unreadable(MetaError)
  case notActive(String)
  case otherCurrency(String, Currency)
  case unknownCurrency(MetaCurrencyError)

  package var description: String {
    switch self {
    case .noAccess(let reason): reason
    case .unreadable(let error): "\(error)"
    case .notActive(let status): "the ad account is \(status) at Meta: check it in Ads Manager"
    case .otherCurrency(let theirs, let ours):
      "the ad account is billed in \(theirs), and the account here is in \(ours): connect the right one"
    case .unknownCurrency(let error): "\(error)"
    }
  }
}

extension BudgetSchedule {
  /// A recurring schedule counts for its whole period: it raises the budget on some of those days.
  init(_ schedule: MetaBudgetSchedule) {
    let raise: Raise =
      switch schedule.value {
      case .absolute(let amount): .amount(amount)
      case .multiplier(let factor): .factor(Share(rounding: factor))
      }
    self.init(from: schedule.startsAt, to: schedule.endsAt, raise: raise)
  }
}

extension LiveObject {
  /// Nil for a campaign without a valid id.
  init?(_ campaign: MetaCampaign, _ schedules: [BudgetSchedule]?) {
    guard let id = ObjectID(campaign.id.value) else { return nil }
    self.init(
      id: id, level: .campaign, parentID: nil, name: campaign.name, state: SwitchState(campaign.status),
      budget: LiveBudget(campaign.budget))
    sharesBudgets = campaign.sharesAdSetBudgets
    editedAt = campaign.updatedAt
    self.schedules = schedules
  }

  /// Nil for an ad set without a valid id.
  init?(_ adSet: MetaAdSet, _ schedules: [BudgetSchedule]?) {
    guard let id = ObjectID(adSet.id.value), let campaign = ObjectID(adSet.campaignID.value) else { return nil }
    self.init(
      id: id, level: .adSet, parentID: campaign, name: adSet.name, state: SwitchState(adSet.status),
      budget: LiveBudget(adSet.budget))
    learning = LearningState(adSet.learning?.stage)
    lastSignificantEdit = adSet.learning?.lastSignificantEditAt
    editedAt = adSet.updatedAt
    self.schedules = schedules
  }

  /// Nil for an ad without a valid id.
  init?(_ ad: MetaAd) {
    guard let id = ObjectID(ad.id.value), let adSet = ObjectID(ad.adSetID.value) else { return nil }
    self.init(id: id, level: .ad, parentID: adSet, name: ad.name, state: SwitchState(ad.status))
    editedAt = ad.updatedAt
  }
}

extension SwitchState {
  init(_ status: MetaStatus) {
    switch status {
    case .active: self = .active
    case .paused: self = .paused
    case .archived, .deleted: self = .ended
    case .other: self = .unknown
    }
  }
}

extension LearningState {
  init(_ stage: MetaLearning.Stage?) {
    switch stage {
    case .learning: self = .learning
    case .success: self = .learned
    case .limited: self = .limited
    case nil: self = .unknown
    }
  }
}

extension LiveBudget {
  init(_ budget: MetaBudget) {
    if let lifetime = budget.lifetime {
      self = .lifetime(lifetime)
    } else if let daily = budget.daily {
      self = .daily(daily)
    } else {
      self = .elsewhere
    }
  }
}
