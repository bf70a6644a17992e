import Accounts
import App
import Measurement
import Storage
import Values

extension System {
  /// Makes `account` where it is missing and fills it with the month that ends yesterday, made from `seed`.
  ///
  /// An account that has figures already is left as it is.
  package func addSample(_ account: AccountID, seed: UInt64) async throws {
    if try await !accounts.all().contains(where: { $0.id == account }) { try await accounts.create(account) }
    guard try await !database.read({ [ads] in try ads.hasAmounts(of: account, in: $0) }) else { return }
    let calendar = try await accounts.configuration(of: account).calendar
    let sample = SampleMonth(seed: seed, lastDay: calendar.day(of: clock()).adding(days: -1), calendar: calendar)
    try await ads.take(sample.figures, from: "sample", of: account)
    let deals = DealService(clock: clock)
    try await accounts.write(inTurnOf: account) { [ads] configuration, transaction in
      for deal in sample.deals {
        _ = try deals.apply(deal, of: account, configuration.stages, in: transaction)
      }
      _ = try ads.repairDeals(of: account, configuration, in: transaction)
    }
  }
}
