import Values

/// A change to an object, always to an absolute state, so that repeating it changes nothing.
package enum ChangeAction: Hashable, Sendable {
  case pause
  case activate
  /// Sets the daily budget from one amount of minor units to another.
  case setBudget(from: Int64, to: Int64)

  /// The action in one word, as used in tables and in the API.
  package var kind: ChangeKind {
    switch self {
    case .pause: .pause
    case .activate: .activate
    case .setBudget: .setBudget
    }
  }

  /// The action that undoes it.
  package var inverse: ChangeAction {
    switch self {
    case .pause: .activate
    case .activate: .pause
    case .setBudget(let from, let to): .setBudget(from: to, to: from)
    }
  }

  /// Whether more money may be spent afterwards.
  package var isRaise: Bool {
    switch self {
    case .pause: false
    case .activate: true
    case .setBudget(let from, let to): to > from
    }
  }

  /// The order in which changes are applied, from 0 to 3: those that stop spend first, those that raise it last.
  package var rank: Int {
    switch self {
    case .pause: 0
    case .setBudget: isRaise ? 2 : 1
    case .activate: 3
    }
  }

  /// Whether `object` is in the state that this action expects.
  package func expects(_ object: LiveObject) -> Bool {
    switch self {
    case .pause: object.state == .active
    case .activate: object.state == .paused
    case .setBudget(let from, _): object.budget == .daily(from)
    }
  }

  /// Whether `object` is in the state that this action results in.
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

  /// The part of an object that it changes. Two open changes never concern the same part of the same object.
  package var isStatus: Bool { self != .setBudget }
}
