import Values

/// A change that was written at the platform, or may have been: an unknown outcome counts as written.
package struct PastWrite: Hashable, Sendable {
  package let object: ObjectID
  package let action: ChangeAction
  /// When it was sent.
  package let at: Instant
  /// When it became known that it was carried out; nil where that is not known yet.
  package let settledAt: Instant?
  /// How many delivering ads it stopped.
  package let adsPaused: Int64
  /// The share of the account's delivery that it stopped.
  package let deliveryPaused: Share

  package init(
    object: ObjectID, action: ChangeAction, at: Instant, settledAt: Instant? = nil, adsPaused: Int64 = 0,
    deliveryPaused: Share = .zero
  ) {
    self.object = object
    self.action = action
    self.at = at
    self.settledAt = settledAt
    self.adsPaused = adsPaused
    self.deliveryPaused = deliveryPaused
  }
}

/// The account's writes of today and of the last hours, which the limits count.
package struct WriteLedger: Hashable, Sendable {
  /// The writes, oldest first.
  package private(set) var writes: [PastWrite]

  package init(_ writes: [PastWrite] = []) {
    self.writes = writes.sorted { $0.at < $1.at }
  }

  package mutating func add(_ write: PastWrite) {
    let place = writes.lastIndex { $0.at <= write.at }.map { $0 + 1 } ?? 0
    writes.insert(write, at: place)
  }

  /// How many changes were applied since `dayStart`.
  func count(since dayStart: Instant) -> Int { writes.count { $0.at >= dayStart } }

  /// The times of the budget's edits after `moment`, oldest first.
  func budgetEdits(of object: ObjectID, after moment: Instant) -> [Instant] {
    writes.filter { $0.object == object && $0.action.kind == .setBudget && $0.at > moment }.map(\.at)
  }

  /// When the object was last written.
  func lastWrite(to object: ObjectID) -> Instant? { writes.last { $0.object == object }?.at }

  /// The object's daily budget at the start of the day, where it was changed since.
  func budget(of object: ObjectID, atStartOf dayStart: Instant) -> Int64? {
    for write in writes where write.object == object && write.at >= dayStart {
      if case .setBudget(let from, _) = write.action { return from }
    }
    return nil
  }

  /// How many ads were paused since `dayStart`.
  func adsPaused(since dayStart: Instant) -> Int64 {
    Amounts.sum(writes.lazy.filter { $0.at >= dayStart }.map(\.adsPaused))
  }

  /// The share of the account's delivery that was paused since `dayStart`.
  func deliveryPaused(since dayStart: Instant) -> Share {
    writes.lazy.filter { $0.at >= dayStart }.reduce(.zero) { $0 + $1.deliveryPaused }
  }
}
