import Values

/// The id of a campaign, ad set or ad at the platform.
package struct ObjectID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// What a valid id looks like, in words.
  package static let rule = "1 to 64 letters, digits, '_' or '-'"

  /// The text of the id.
  package let value: String

  /// Returns nil where `value` breaks ``rule``. Such text needs no escaping in an address.
  package init?(_ value: String) {
    guard (1...64).contains(value.utf8.count), value.utf8.allSatisfy(Self.isAllowed) else { return nil }
    self.value = value
  }

  package var description: String { value }

  package static func < (left: ObjectID, right: ObjectID) -> Bool { left.value < right.value }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}

/// Where an object stands in the platform's tree.
package enum ObjectLevel: String, Hashable, Sendable, CaseIterable {
  case campaign
  case adSet = "ad_set"
  case ad

  /// The level in words, as sentences name it.
  package var noun: String {
    switch self {
    case .campaign: "campaign"
    case .adSet: "ad set"
    case .ad: "ad"
    }
  }
}

/// An object's own switch. Whether it delivers depends on what it belongs to as well.
package enum SwitchState: String, Hashable, Sendable, CaseIterable {
  case active
  case paused
  /// Archived or deleted: it does not come back.
  case ended
  /// A word of the platform that this release does not know.
  case unknown
}

/// Where an object's budget lives.
package enum LiveBudget: Hashable, Sendable {
  /// On what it belongs to, or on what belongs to it.
  case elsewhere
  /// So many minor units a day.
  case daily(Int64)
  /// So many minor units until its end. Never touched: what it amounts to on a day is the platform's choice.
  case lifetime(Int64)
}

/// Whether the platform still learns how to deliver.
package enum LearningState: String, Hashable, Sendable, CaseIterable {
  case learning
  /// It has learned.
  case learned
  /// It gave up: too few results.
  case limited
  /// The platform does not say.
  case unknown
}

/// A time for which a budget is raised over its daily amount.
package struct BudgetSchedule: Hashable, Sendable {
  package enum Raise: Hashable, Sendable {
    /// By so many minor units a day.
    case amount(Int64)
    /// To so many times the daily amount.
    case factor(Share)
  }

  package let start: Instant
  package let end: Instant
  package let raise: Raise

  package init(from start: Instant, to end: Instant, raise: Raise) {
    self.start = start
    self.end = end
    self.raise = raise
  }

  /// The most a daily budget of `amount` becomes on account of this.
  func cap(of amount: Int64) -> Int64 {
    switch raise {
    case .amount(let more): Amounts.sum([amount, max(0, more)])
    case .factor(let factor): max(amount, factor.of(amount))
    }
  }
}

/// A campaign, ad set or ad as the platform has it.
package struct LiveObject: Hashable, Sendable {
  package let id: ObjectID
  package let level: ObjectLevel
  /// The ad set of an ad, the campaign of an ad set; nil for a campaign.
  package let parentID: ObjectID?
  package var name: String?
  package var state: SwitchState
  package var budget: LiveBudget
  package var learning = LearningState.unknown
  /// The last edit that made the platform learn anew.
  package var lastSignificantEdit: Instant?
  /// The last edit of any kind, whoever made it.
  package var editedAt: Instant?
  /// Whether a campaign's ad sets lend each other up to a fifth of their budgets.
  package var sharesBudgets = false
  /// When its budget is raised; nil where there are schedules that nobody has read.
  package var schedules: [BudgetSchedule]? = []

  package init(
    id: ObjectID, level: ObjectLevel, parentID: ObjectID?, name: String? = nil, state: SwitchState,
    budget: LiveBudget = .elsewhere
  ) {
    self.id = id
    self.level = level
    self.parentID = parentID
    self.name = name
    self.state = state
    self.budget = budget
  }

  /// The object as sentences name it: `ad set 2385`.
  package var title: String { "\(level.noun) \(id)" }
}
