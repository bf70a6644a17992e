import Values

/// What the limits need to know about an ad's spend, in minor units.
package struct AdPace: Hashable, Sendable {
  /// Its recent average spend per day.
  package let dailySpend: Int64
  /// What it has spent today.
  package let spentToday: Int64
  /// Today's results: leads, and deals that came in or went on.
  package let resultsToday: Int64

  /// Values below 0 count as 0.
  package init(dailySpend: Int64 = 0, spentToday: Int64 = 0, resultsToday: Int64 = 0) {
    self.dailySpend = max(0, dailySpend)
    self.spentToday = max(0, spentToday)
    self.resultsToday = max(0, resultsToday)
  }
}

/// An ad account as it is at the platform: its campaigns, ad sets and ads, and how fast they spend.
package struct LiveAccount: Sendable {
  /// Why an ad's budget cannot be set.
  package enum NoHolder: Error, Hashable, Sendable {
    /// Its ad set or campaign is not known.
    case orphan
    /// Neither its ad set nor its campaign has one.
    case noBudget
    /// Both have one, which the platform does not allow.
    case twoBudgets
    /// The budget is a lifetime budget.
    case lifetime(ObjectID)
  }

  package private(set) var objects: [ObjectID: LiveObject]
  private let children: [ObjectID: [ObjectID]]
  /// The spend of ads, by their ids.
  package var paces: [ObjectID: AdPace]

  /// Where a campaign's ad sets share budgets, each may get this multiple of its own.
  package static let sharedBudget = Share(millionths: 1_200_000)

  package init(_ objects: some Sequence<LiveObject>, paces: [ObjectID: AdPace] = [:]) {
    self.objects = Dictionary(objects.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    children = Dictionary(grouping: self.objects.values.filter { $0.parentID != nil }, by: { $0.parentID ?? $0.id })
      .mapValues { $0.map(\.id).sorted() }
    self.paces = paces
  }

  package subscript(id: ObjectID) -> LiveObject? { objects[id] }

  /// Replaces an object by a newer state. Objects that were not there before are ignored.
  package mutating func update(_ object: LiveObject) {
    guard let known = objects[object.id], known.parentID == object.parentID, known.level == object.level else { return }
    objects[object.id] = object
  }

  /// Whether the object's own switch and those of all that it belongs to are on.
  package func delivers(_ id: ObjectID) -> Bool {
    guard let object = objects[id], object.state == .active else { return false }
    guard object.level != .campaign else { return true }
    return parent(of: object).map { delivers($0.id) } ?? false
  }

  /// The parent object, where it is known and of a higher level: what is reported as a tree may not be one.
  private func parent(of object: LiveObject) -> LiveObject? {
    guard let parent = object.parentID.flatMap({ objects[$0] }) else { return nil }
    switch (object.level, parent.level) {
    case (.ad, .adSet), (.adSet, .campaign): return parent
    default: return nil
    }
  }

  private func children(of id: ObjectID) -> [LiveObject] {
    (children[id] ?? []).compactMap { objects[$0] }.filter { parent(of: $0) != nil }
  }

  /// The ads in an object, itself included where it is one, by id.
  package func ads(in id: ObjectID) -> [ObjectID] {
    guard let object = objects[id] else { return [] }
    return object.level == .ad ? [id] : children(of: id).flatMap { ads(in: $0.id) }
  }

  /// The ads in an object that deliver, by id.
  package func deliveringAds(in id: ObjectID) -> [ObjectID] { ads(in: id).filter(delivers) }

  package var deliveringAds: [ObjectID] {
    objects.values.filter { $0.level == .ad && delivers($0.id) }.map(\.id).sorted()
  }

  /// The ad set or campaign that holds the ad's daily budget.
  package func holder(of ad: ObjectID) throws(NoHolder) -> LiveObject {
    guard let adSet = objects[ad].flatMap(parent), let campaign = parent(of: adSet) else { throw .orphan }
    switch (adSet.budget, campaign.budget) {
    case (.elsewhere, .elsewhere): throw .noBudget
    case (.daily, .elsewhere): return adSet
    case (.elsewhere, .daily): return campaign
    case (.lifetime, .elsewhere): throw .lifetime(adSet.id)
    case (.elsewhere, .lifetime): throw .lifetime(campaign.id)
    default: throw .twoBudgets
    }
  }

  /// Whether the platform is still learning: for a campaign, whether one of its delivering ad sets is.
  package func isLearning(_ id: ObjectID) -> Bool { learning(of: id) == .learning }

  /// The learning state of the object's ad set, or of the ad sets of a campaign.
  package func learning(of id: ObjectID) -> LearningState {
    guard let object = objects[id] else { return .unknown }
    switch object.level {
    case .ad: return parent(of: object)?.learning ?? .unknown
    case .adSet: return object.learning
    case .campaign:
      let states = children(of: id).filter { delivers($0.id) }.map(\.learning)
      return [.learning, .limited, .learned].first { states.contains($0) } ?? .unknown
    }
  }

  /// The last edit that restarted learning, of the object or, for a campaign, of its ad sets.
  package func lastSignificantEdit(of id: ObjectID) -> Instant? {
    let own = objects[id]?.lastSignificantEdit
    guard objects[id]?.level == .campaign else { return own }
    return ([own] + children(of: id).map(\.lastSignificantEdit)).compactMap { $0 }.max()
  }

  // MARK: Money

  /// The most that a daily budget of `amount` on `id` can become on a day from `dayStart` to `dayEnd`, including
  /// schedules and shared budgets but not the platform's overdelivery. Nil where schedules were not read.
  package func cap(of amount: Int64, on id: ObjectID, from dayStart: Instant, to dayEnd: Instant) -> Int64? {
    guard let object = objects[id] else { return amount }
    guard let schedules = object.schedules else { return nil }
    let raised = schedules.filter { $0.start < dayEnd && $0.end > dayStart }.map { $0.cap(of: amount) }
    let highest = max(amount, raised.max() ?? amount)
    return shared(highest, on: object)
  }

  /// What an ad set may spend with a budget of `amount` and what its siblings lend it.
  private func shared(_ amount: Int64, on object: LiveObject) -> Int64 {
    let isShared = object.level == .adSet && (parent(of: object)?.sharesBudgets ?? false)
    return isShared ? Self.sharedBudget.of(amount) : amount
  }

  /// What the account may spend on the day, by the budgets that deliver; the sum always fits. A lifetime budget counts
  /// as what its ads spent per day lately, and a budget whose schedules were not read as its daily amount plus what
  /// siblings may lend.
  package func total(from dayStart: Instant, to dayEnd: Instant) -> Int128 {
    objects.values.reduce(into: Int128(0)) { total, object in
      guard object.budget != .elsewhere, delivers(object.id) else { return }
      switch object.budget {
      case .elsewhere: break
      case .daily(let amount):
        total += Int128(
          cap(of: amount, on: object.id, from: dayStart, to: dayEnd) ?? shared(amount, on: object))
      case .lifetime: total += Int128(dailySpend(in: object.id))
      }
    }
  }

  /// The recent average spend per day of the ads in an object.
  package func dailySpend(in id: ObjectID) -> Int64 { Amounts.sum(ads(in: id).map { paces[$0]?.dailySpend ?? 0 }) }

  /// What the ads in an object have spent today.
  package func spentToday(in id: ObjectID) -> Int64 { Amounts.sum(ads(in: id).map { paces[$0]?.spentToday ?? 0 }) }

  /// Today's results of the ads in an object.
  package func resultsToday(in id: ObjectID) -> Int64 { Amounts.sum(ads(in: id).map { paces[$0]?.resultsToday ?? 0 }) }

  /// What the account has spent today.
  package var spentToday: Int64 { Amounts.sum(paces.values.map(\.spentToday)) }

  /// The share of the account's delivery that the ads in an object make up: of the recent daily spend of the ads that
  /// deliver, or of their number where no spend is known.
  package func deliveryShare(of id: ObjectID) -> Share {
    let all = deliveringAds
    let own = deliveringAds(in: id)
    let spend = Amounts.sum(all.map { paces[$0]?.dailySpend ?? 0 })
    guard spend > 0 else { return Share(Int64(own.count), of: Int64(all.count)) }
    return Share(Amounts.sum(own.map { paces[$0]?.dailySpend ?? 0 }), of: spend)
  }
}

extension LiveAccount {
  /// Updates the account as if `action` had been carried out.
  package mutating func apply(_ action: ChangeAction, to id: ObjectID, at moment: Instant) {
    guard var object = objects[id] else { return }
    switch action {
    case .pause: object.state = .paused
    case .activate: object.state = .active
    case .setBudget(_, let amount): object.budget = .daily(amount)
    }
    object.editedAt = moment
    objects[id] = object
  }
}
