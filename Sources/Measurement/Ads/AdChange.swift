import Accounts
import DecisionEngine
import Storage
import Values

/// Ads that a write has changed, as its listeners are told before it commits.
package struct AdChange {
  /// What of the ads may be another now.
  package enum Cause: Hashable, Sendable {
    /// What they did, as feedback or a file states it; their names, delivery and sales with it.
    case figures
    /// What their deals are worth: a deal came, moved, went or was credited to another ad, or stages got other values.
    case deals
    /// What a person says of whether they run.
    case delivery
  }

  /// The account of the ads.
  package let account: AccountID
  /// The ads. One without figures, which deals can be credited to, has no state.
  package let ads: Set<AdID>
  package let cause: Cause
  /// The account's configuration, as the write has it.
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

  /// The states of those of the ads that have figures, as the write leaves them, by ad id.
  package func states() throws -> [AdState] { try reading() }
}

/// Is told of changed ads in the transaction that changes them. What it throws undoes the whole write.
///
/// It runs as often as the transaction does, and changes nothing but the database.
package typealias AdListener = @Sendable (_ change: AdChange, _ transaction: any Transaction) throws -> Void

extension AdService {
  /// Tells the listeners of changed ads. Without listeners it does nothing; `ads` is not even made.
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

  /// The states of those of the ads that have figures, as `transaction` sees them, by ad id.
  package func states(
    of ads: Set<AdID>, account: AccountID, _ configuration: AccountConfiguration, in transaction: any Transaction
  ) throws -> [AdState] {
    let (now, calendar) = (clock(), try configuration.calendar)
    let records = try repository.get(ads, of: account, in: transaction)
    return try records.map { try $0.state(at: now, calendar: calendar) }
  }
}
