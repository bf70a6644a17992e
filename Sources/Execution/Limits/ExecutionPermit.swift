import Values

/// Whether anything at all may be written now, whatever the change: switches, mode, approval and hour.
package struct ExecutionPermit: Hashable, Sendable {
  /// Who approved a change.
  package enum Approval: Hashable, Sendable {
    case none
    /// The system, because the account's mode was automatic.
    case system
    /// A person, by the audit log's name for them.
    case person(String)
  }

  /// Why execution is stopped for all accounts; nil where it is not.
  package let stopForAll: String?
  /// Why it is stopped for the account; nil where it is not.
  package let stop: String?
  package let settings: ExecutionSettings
  package let moment: AccountMoment

  package init(stopForAll: String?, stop: String?, settings: ExecutionSettings, moment: AccountMoment) {
    self.stopForAll = stopForAll
    self.stop = stop
    self.settings = settings
    self.moment = moment
  }

  /// Whether a change with this approval may be written now. A rollback is not bound to change hours.
  package func check(_ approval: Approval, origin: ChangeOrigin) -> LimitVerdict {
    if let stopForAll {
      return .later(LimitHit(.stoppedForAll, "execution is stopped for all accounts: \(stopForAll)"), at: nil)
    }
    if let stop { return .later(LimitHit(.stopped, "execution is stopped: \(stop)"), at: nil) }
    switch (settings.mode, approval) {
    case (.observe, _):
      return .never(LimitHit(.mode, "the account's mode is observe, in which nothing is written"))
    case (_, .none): return .never(LimitHit(.approval, "nobody approved it"))
    case (.approve, .system):
      return .never(
        LimitHit(
          .approval, "it was approved automatically; the account's mode is approve now: a person has to approve it"))
    case (.approve, .person), (.automatic, .person), (.automatic, .system): break
    }
    if let missing = settings.missingAmounts.first {
      return .never(LimitHit(.notSet, "\(missing) is not set"))
    }
    guard origin != .rollback, !settings.isChangeHour(weekday: moment.weekday, hour: moment.hour) else {
      return .allowed
    }
    return .later(
      LimitHit(.hours, "changes are not applied at this hour of the account's local time (\(moment.hour):00)"),
      at: moment.nextHour(where: settings.isChangeHour))
  }
}

/// What a change comes from.
package enum ChangeOrigin: String, Hashable, Sendable, CaseIterable {
  /// A decision's budgets and verdicts.
  case decision
  /// An ad set that has spent much today without results.
  case sameDayStop = "same_day_stop"
  /// Wear.
  case fatigue
  /// Late revenue of a paused ad.
  case revive
  /// A person who wants a change undone.
  case rollback
}
