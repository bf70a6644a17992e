import Values

extension AdWorld {
  /// Makes all of the changes to an object, or none of them, by Meta's rules and limits.
  mutating func change(
    _ id: String, _ wanted: [ObjectChange], by author: ChangeAuthor, at now: Instant
  ) throws(ChangeRefusal) {
    let before = wanted.map { value(of: $0, in: id) }
    let refusal = firstRefusal(id, wanted, at: now)
    if refusal == nil, let place = places[id] {
      for change in wanted { make(change, at: place, now) }
      changeHead(at: place) { $0.updatedAt = now }
    }
    let budgets = dailyBudget
    for (change, before) in zip(wanted, before) {
      changes.note(
        id, change.field, from: before, to: change.text, by: author, at: now, refusal, budgets: budgets)
    }
    if let refusal { throw refusal }
  }

  /// The daily budgets of all campaigns and ad sets that are switched on, in minor units.
  var dailyBudget: Int64 {
    let ofCampaigns = campaigns.indices.filter { effectiveStatus(ofCampaign: $0) == .active }
      .compactMap { campaigns[$0].budget?.daily }
    let ofAdSets = adSets.indices.filter { effectiveStatus(ofAdSet: $0) == .active }
      .compactMap { budget(at: .adSet($0))?.daily }
    return (ofCampaigns + ofAdSets).reduce(0, +)
  }

  /// Why the changes cannot be made. A budget's change counts against its limit as soon as nothing else forbids it.
  private mutating func firstRefusal(_ id: String, _ wanted: [ObjectChange], at now: Instant)
    -> ChangeRefusal?
  {
    guard let place = places[id] else { return .unknownObject }
    let status = head(at: place).status
    if status == .deleted { return .gone(.deleted) }
    if status == .archived, wanted.contains(where: { $0 != .status(.deleted) && !$0.isName }) {
      return .gone(.archived)
    }
    for case .dailyBudget(let amount) in wanted {
      if let refusal = refusal(ofBudget: amount, at: place) { return refusal }
      if let until = changeBudget(at: place, to: amount, now) {
        return .tooManyBudgetEdits(until: until)
      }
    }
    return nil
  }

  private func refusal(ofBudget amount: Int64, at place: ObjectPlace) -> ChangeRefusal? {
    switch place {
    case .ad: return .budgetOfAd
    case .adSet(let position) where budget(ofAdSet: position) != place: return .budgetOfCampaign
    case .campaign(let position) where campaigns[position].budget == nil: return .budgetOfAdSets
    case .adSet, .campaign: break
    }
    if amount < settings.minimumBudget { return .budgetTooLow(minimum: settings.minimumBudget) }
    if amount > settings.maximumBudget { return .budgetTooHigh(maximum: settings.maximumBudget) }
    return nil
  }

  private mutating func changeBudget(at place: ObjectPlace, to amount: Int64, _ now: Instant)
    -> Instant?
  {
    switch place {
    case .campaign(let position): return campaigns[position].budget?.change(to: amount, at: now)
    case .adSet(let position):
      let before = adSets[position].budget?.daily ?? 0
      if let until = adSets[position].budget?.change(to: amount, at: now) { return until }
      if Double(amount) > 1.5 * Double(before) || 1.5 * Double(amount) < Double(before) {
        adSets[position].lastSignificantEdit = now
      }
      return nil
    case .ad: return nil
    }
  }

  private mutating func make(_ change: ObjectChange, at place: ObjectPlace, _ now: Instant) {
    switch change {
    case .dailyBudget: break  // Made with its check, which counts it.
    case .status(let status): changeHead(at: place) { $0.status = status }
    case .name(let name): changeHead(at: place) { $0.name = name }
    }
  }

  /// An object's head.
  func head(at place: ObjectPlace) -> ObjectHead {
    switch place {
    case .campaign(let position): campaigns[position].head
    case .adSet(let position): adSets[position].head
    case .ad(let position): ads[position].head
    }
  }

  private mutating func changeHead(at place: ObjectPlace, _ change: (inout ObjectHead) -> Void) {
    switch place {
    case .campaign(let position): change(&campaigns[position].head)
    case .adSet(let position): change(&adSets[position].head)
    case .ad(let position): change(&ads[position].head)
    }
  }

  private func value(of change: ObjectChange, in id: String) -> String? {
    guard let place = places[id] else { return nil }
    switch change {
    case .dailyBudget: return budget(at: place).map { "\($0.daily)" }
    case .status: return head(at: place).status.rawValue
    case .name: return head(at: place).name
    }
  }

  /// The budget that an object holds itself.
  func budget(at place: ObjectPlace) -> Budget? {
    switch place {
    case .campaign(let position): campaigns[position].budget
    case .adSet(let position): budget(ofAdSet: position) == place ? adSets[position].budget : nil
    case .ad: nil
    }
  }
}

extension ObjectChange {
  /// The field's name in Meta's API.
  var field: String {
    switch self {
    case .dailyBudget: "daily_budget"
    case .status: "status"
    case .name: "name"
    }
  }

  /// The value that is asked for.
  var text: String {
    switch self {
    case .dailyBudget(let amount): "\(amount)"
    case .status(let status): status.rawValue
    case .name(let name): name
    }
  }

  fileprivate var isName: Bool {
    if case .name = self { true } else { false }
  }
}
