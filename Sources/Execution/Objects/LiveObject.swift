import Values

/// The id of a campaign, ad set or ad at the platform.
package struct ObjectID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// What a valid id looks like, in words.
  package static let rule = "1 to 64 letters, digits, '_' or '-'"

  /// The text of the id.
  package let value: String

  /// Returns nil where `value` breaks ``rule``. Valid ids need no escaping in a URL.
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

/// The level of an object in the platform's tree.
package enum ObjectLevel: String, Hashable, Sendable, CaseIterable {
  case campaign
  case adSet = "ad_set"
  case ad

  /// The level in words, for messages.
  package var noun: String {
    switch self {
    case .campaign: "campaign"
    case .adSet: "ad set"
    case .ad: "ad"
    }
  }
}

/// An object's own switch. Whether it delivers also depends on its parents.
package enum SwitchState: String, Hashable, Sendable, CaseIterable {
  case active
  case paused
  /// Archived or deleted: it cannot be activated again.
  case ended
  /// A state of the platform that this release does not know.
  case unknown
}

/// Where an object's budget is held.
package enum LiveBudget: Hashable, Sendable {
  /// On its parent, or on its children.
  case elsewhere
  /// Minor units per day.
  case daily(Int64)
  /// Minor units over its whole run. Never changed: the platform chooses how much of it to spend on a day.
  case lifetime(Int64)
}

/// Whether the platform is still learning how to deliver.
package enum LearningState: String, Hashable, Sendable, CaseIterable {
  case learning
  case learned
  /// Learning ended with too few results.
  case limited
  /// The platform does not say.
  case unknown
}

/// A period in which a budget is raised above its daily amount.
package struct BudgetSchedule: Hashable, Sendable {
  package enum Raise: Hashable, Sendable {
    /// By this many minor units per day.
    case amount(Int64)
    /// To this multiple of the daily amount.
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

  /// The most that a daily budget of `amount` becomes because of this schedule.
  func cap(of amount: Int64) -> Int64 {
    switch raise {
    case .amount(let more): Amounts.sum([amount, max(0, more)])
    case .factor(let factor): max(amount, factor.of(amount))
    }
  }
}

/// A campaign, ad set or ad as it is at the platform.
package struct LiveObject: Hashable, Sendable {
  package let id: ObjectID
  package let level: ObjectLevel
  /// The ad set of an ad, the campaign of an ad set; nil for a campaign.
  package let parentID: ObjectID?
  package var name: String?
  package var state: SwitchState
  package var budget: LiveBudget
  package var learning = LearningState.unknown
  /// The last edit that restarted learning.
  package var lastSignificantEdit: Instant?
  /// The last edit of any kind, whoever made it.
  package var editedAt: Instant?
  /// Whether a campaign's ad sets lend each other up to a fifth of their budgets.
  package var sharesBudgets = false
  /// When its budget is raised; nil where there are schedules that have not been read.
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

  /// The object in messages: `ad set 2385`.
  package var title: String { "\(level.noun) \(id)" }
}
