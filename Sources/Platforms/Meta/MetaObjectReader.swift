import Measurement
import RemoteAPIs
import Values

/// Reads an ad account's campaigns, ad sets and ads.
struct MetaObjectReader: Sendable {
  let client: MetaClient

  /// Lists omit deleted objects, and there may be a hundred thousand archived ads: those are listed once, and objects
  /// that have since disappeared from the lists are read by id.
  func objects(known: [AdObject]) async throws(MetaError) -> [AdObject] {
    let listsArchived = known.isEmpty
    var objects = try await list(MetaCampaign.self, archived: listsArchived) { AdObject($0) }
    objects += try await list(MetaAdSet.self, archived: listsArchived) { AdObject($0) }
    objects += try await list(MetaAd.self, archived: listsArchived) { AdObject($0) }
    let listed = Set(objects.map(\.key))
    let gone = known.filter { $0.exists && !listed.contains($0.key) }
    objects += try await byNumber(MetaCampaign.self, gone.filter { $0.kind == .campaign }) { AdObject($0) }
    objects += try await byNumber(MetaAdSet.self, gone.filter { $0.kind == .adSet }) { AdObject($0) }
    objects += try await byNumber(MetaAd.self, gone.filter { $0.kind == .ad }) { AdObject($0) }
    return try await withSchedules(objects, known: known)
  }

  private func list<Record: MetaRecord>(
    _ type: Record.Type, archived: Bool, _ object: (Record) -> AdObject
  ) async throws(MetaError) -> [AdObject] {
    let statuses = MetaEffectiveStatus.listed(of: type).filter { archived || $0 != .archived }
    var pages = client.objects(type, in: statuses)
    return try await pages.all().map(object)
  }

  /// Objects that Meta no longer has were deleted; those about which it gives no answer now stay as they are known.
  private func byNumber<Record: MetaRecord>(
    _ type: Record.Type, _ known: [AdObject], _ object: (Record) -> AdObject
  ) async throws(MetaError) -> [AdObject] {
    var objects: [AdObject] = []
    for start in stride(from: 0, to: known.count, by: MetaClient.largestBatch) {
      let part = known[start..<min(start + MetaClient.largestBatch, known.count)]
      let replies = try await client.objects(type, part.map(\.id))
      for (before, reply) in zip(part, replies) {
        switch reply {
        case .done(let record): objects.append(object(record))
        case .refused(let error) where error.kind == .notFound:
          var deleted = before
          deleted.status = MetaStatus.deleted.text
          deleted.effectiveStatus = .deleted
          objects.append(deleted)
        case .refused, .unknown: break
        }
      }
    }
    return objects
  }

  /// The most objects whose schedules are all read each time; with more, only those changed since are read.
  private static let schedulesAtOnce = 50

  private func withSchedules(_ objects: [AdObject], known: [AdObject]) async throws(MetaError) -> [AdObject] {
    var objects = objects
    let scheduled = objects.indices.filter { objects[$0].hasBudgetSchedules && objects[$0].exists }
    let before = Dictionary(grouping: known, by: \.key).compactMapValues(\.first)
    for index in scheduled {
      let last = before[objects[index].key]
      if scheduled.count > Self.schedulesAtOnce, let last, last.updatedAt == objects[index].updatedAt {
        objects[index].budgetSchedules = last.budgetSchedules
      } else {
        objects[index].budgetSchedules = try await client.budgetSchedules(of: objects[index].id)
      }
    }
    return objects
  }
}

/// The delivery of an ad account's ads, from its objects.
struct MetaDelivery {
  /// The state of each ad, where Meta's status determines it.
  private(set) var states: [AdID: DeliveryState] = [:]
  /// The ads with their display names.
  private(set) var names: [AdID: String] = [:]

  /// The ads that run.
  var running: Set<AdID> { Set(states.filter { $0.value == .active }.keys) }

  init(_ objects: [AdObject], at now: Instant) {
    let adSets = Dictionary(grouping: objects.filter { $0.kind == .adSet }, by: \.id).compactMapValues(\.first)
    for object in objects where object.kind == .ad {
      guard let adID = AdID(object.id.value) else { continue }
      names[adID] = object.name
      guard let status = object.effectiveStatus, let state = DeliveryState(reported: status.rawValue) else { continue }
      states[adID] = state == .active ? Self.state(of: object.adSetID.flatMap { adSets[$0] }, at: now) : state
    }
  }

  /// Meta calls an ad active whose ad set has not begun or has ended.
  private static func state(of adSet: AdObject?, at now: Instant) -> DeliveryState {
    if let end = adSet?.endsAt, end <= now { return .ended }
    if let start = adSet?.startsAt, start > now { return .paused }
    return .active
  }
}
