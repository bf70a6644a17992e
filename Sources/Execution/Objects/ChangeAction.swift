import Values

/// What is done to an object: always to an absolute state, so that doing it twice is doing it once.
package enum ChangeAction: Hashable, Sendable {
  case pause
  case activate
  /// Sets the daily budget from one amount of minor units to another.
  case setBudget(from: Int64, to: Int64)

  /// The action in one word, as tables and the API name it.
  package var kind: ChangeKind {
    switch self {
    case .pause: .pause
    case .activate: .activate
    case .setBudget: .setBudget
    }
  }

  /// What takes it back.
  package var inverse: ChangeAction {
    switch self {
    case .pause: .activate
    case .activate: .pause
    case .setBudget(let from, let to): .setBudget(from: to, to: from)
    }
  }

  /// Whether more money may flow afterwards.
  package var isRaise: Bool {
    switch self {
    case .pause: false
    case .activate: true
    case .setBudget(let from, let to): to > from
    }
  }

  /// The order in which changes are applied, from 0 to 3: what stops spend first, what raises it last.
  package var rank: Int {
    switch self {
    case .pause: 0
    case .setBudget: isRaise ? 2 : 1
    case .activate: 3
    }
  }

  /// Whether `object` is as this action expects to find it.
  package func expects(_ object: LiveObject) -> Bool {
    switch self {
    case .pause: object.state == .active
    case .activate: object.state == .paused
    case .setBudget(let from, _): object.budget == .daily(from)
    }
  }

  /// Whether `object` is as this action leaves it.
  package func holds(for object: LiveObject) -> Bool {
    switch self {
    case .pause: object.state == .paused
    case .activate: object.state == .active
    case .setBudget(_, let to): object.budget == .daily(to)
    }
  }
}

/// The kinds of ``ChangeAction``.
package enum ChangeKind: String, Hashable, Sendable, CaseIterable {
  case pause
  case activate
  case setBudget = "set_budget"

  /// The part of an object that it changes. Two open changes never have the same part of the same object.
  package var isStatus: Bool { self != .setBudget }
}
