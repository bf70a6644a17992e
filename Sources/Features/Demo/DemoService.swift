import Database
import Values

/// Sets up an account to try the product on, from data the product makes itself.
public struct DemoService: Sendable {
  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let accounts: AccountService
  private let ads: AdService
  private let deals: DealService

  /// Works on `database`; `clock` tells the present moment.
  public init(
    database: any Database, clock: @escaping @Sendable () -> Instant, accounts: AccountService, ads: AdService,
    deals: DealService
  ) {
    self.database = database
    self.clock = clock
    self.accounts = accounts
    self.ads = ads
    self.deals = deals
  }

  /// Makes `account` where it is missing and fills it with the month that ends yesterday.
  ///
  /// An account that has figures already is left as it is.
  public func setUp(_ account: AccountID, seed: UInt64) async throws {
    if try await !accounts.all().contains(where: { $0.id == account }) { try await accounts.create(account) }
    let configuration = try await accounts.configuration(of: account)
    guard let calendar = AccountCalendar(timezone: configuration.timezone) else {
      throw APIError.invalid(field: "timezone", value: configuration.timezone, rule: "is not known to this machine")
    }
    let yesterday = calendar.day(of: clock()).adding(days: -1)
    let data = DemoData(seed: seed, lastDay: yesterday, calendar: calendar)
    try await database.write(inTurnOf: account) { [self] transaction in
      guard try !ads.hasAmounts(of: account, in: transaction) else { return }
      var days = try DailyMetricsImport(
        of: account, configuration, source: "demo", fileName: "", sumsRows: false, ads: ads, deals: deals,
        at: clock(), in: transaction)
      _ = try days.write(data.figures)
      _ = try days.finish()
      var touched = Set<AdID>()
      for deal in data.deals {
        touched.formUnion(try deals.apply(deal, of: account, configuration.stages, in: transaction).ads)
      }
      try ads.refreshDeals(of: touched, account: account, configuration, in: transaction)
    }
  }
}
