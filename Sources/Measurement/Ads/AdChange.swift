import Accounts
import DecisionEngine
import Storage
import Values

/// Ads that a write has changed. Listeners are told of them before the write commits.
package struct AdChange {
  /// What may have changed.
  package enum Cause: Hashable, Sendable {
    /// Their figures, from feedback or a file; also their names, delivery and sales.
    case figures
    /// The worth of their deals: a deal was added, moved, deleted or credited to another ad, or the values of stages
    /// changed.
    case deals
    /// What a person stated about whether they run.
    case delivery
  }

  /// The account of the ads.
  package let account: AccountID
  /// The ads. One without figures, which deals may be credited to, has no state.
  package let ads: Set<AdID>
  package let cause: Cause
  /// The account's configuration, as used by the write.
  package let configuration: AccountConfiguration
  private let reading: () throws -> [AdState]

  init(
    account: AccountID, ads: Set<AdID>, cause: Cause, configuration: AccountConfiguration,
    reading: @escaping () throws -> [AdState]
  ) {
    self.account = account
    self.ads = ads
    self.cause = cause
    self.configuration = configuration
    self.reading = reading
  }

  /// The states of those of the ads that have figures, after the write, by ad id.
  package func states() throws -> [AdState] { try reading() }
}

/// Called with changed ads in the transaction that changes them. An error undoes the whole write.
///
/// It runs as often as the transaction does, and changes nothing but the database.
package typealias AdListener = @Sendable (_ change: AdChange, _ transaction: any Transaction) throws -> Void

extension AdService {
  /// Calls the listeners with changed ads. Without listeners, `ads` is not evaluated.
  func announce(
    _ cause: AdChange.Cause, _ ads: @autoclosure () throws -> Set<AdID>, of account: AccountID,
    _ configuration: AccountConfiguration, in transaction: any Transaction
  ) throws {
    guard !listeners.isEmpty else { return }
    let ads = try ads()
    guard !ads.isEmpty else { return }
    let change = AdChange(account: account, ads: ads, cause: cause, configuration: configuration) {
      try states(of: ads, account: account, configuration, in: transaction)
    }
    for listener in listeners { try listener(change, transaction) }
  }

  private func states(
    of ads: Set<AdID>, account: AccountID, _ configuration: AccountConfiguration, in transaction: any Transaction
  ) throws -> [AdState] {
    let (now, calendar) = (clock(), try configuration.calendar)
    let records = try repository.get(ads, of: account, in: transaction)
    return try records.map { try $0.state(at: now, calendar: calendar) }
  }
}
