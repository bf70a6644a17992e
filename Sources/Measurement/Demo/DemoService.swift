import Accounts
import Storage
import Values

/// Sets up an account to try the product on, from data the product makes itself.
package struct DemoService: Sendable {
  private let clock: @Sendable () -> Instant
  private let accounts: AccountService
  private let ads: AdService
  private let deals: DealService

  /// Takes the services behind the figures; `clock` tells the present moment.
  package init(
    clock: @escaping @Sendable () -> Instant, accounts: AccountService, ads: AdService, deals: DealService
  ) {
    self.clock = clock
    self.accounts = accounts
    self.ads = ads
    self.deals = deals
  }

  /// Makes `account` where it is missing and fills it with the month that ends yesterday.
  ///
  /// An account that has figures already is left as it is.
  package func setUp(_ account: AccountID, seed: UInt64) async throws {
    if try await !accounts.all().contains(where: { $0.id == account }) { try await accounts.create(account) }
    try await accounts.write(inTurnOf: account) { [self] configuration, transaction in
      guard try !ads.hasAmounts(of: account, in: transaction) else { return }
      let calendar = try configuration.calendar
      let data = DemoData(seed: seed, lastDay: calendar.day(of: clock()).adding(days: -1), calendar: calendar)
      var days = try DailyMetricsImport(
        of: account, configuration, source: "demo", fileName: "", sumsRows: false, by: .system, ads: ads, deals: deals,
        at: clock(), in: transaction)
      _ = try days.write(data.figures)
      _ = try days.finish()
      var touched = Set<AdID>()
      for deal in data.deals {
        touched.formUnion(try deals.apply(deal, of: account, configuration.stages, in: transaction).ads)
      }
      try ads.refreshDeals(of: touched, account: account, configuration, after: .deals, in: transaction)
    }
  }
}
