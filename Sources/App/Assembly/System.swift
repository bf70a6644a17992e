import Database
import Features
import Foundation
import Values

/// The whole system on one database: the only place where its parts are put together.
public struct System: Sendable {
  /// The database, its schema up to date.
  public let database: any Database
  /// Accounts and their configuration.
  public let accounts: AccountService
  /// API keys.
  public let keys: APIKeyService
  /// Ads and their figures.
  public let ads: AdService
  /// Decisions.
  public let decisions: DecisionService
  /// Policies tried on the past.
  public let backtests: BacktestService
  /// Files coming in.
  public let imports: ImportService
  /// The account to try the product on.
  public let demo: DemoService
  private let clock: @Sendable () -> Instant

  /// Puts the system together on `database` and brings its schema up to date; `clock` tells the present moment.
  public init(
    database: any Database, clock: @escaping @Sendable () -> Instant = { SystemClock.now }
  ) async throws {
    try await Migrator(allMigrations).migrate(database, at: clock())
    let accounts = AccountService(database: database, clock: clock)
    let deals = DealService(clock: clock)
    let ads = AdService(database: database, clock: clock, accounts: accounts, deals: deals)
    self.clock = clock
    self.database = database
    self.accounts = accounts
    self.ads = ads
    keys = APIKeyService(database: database, clock: clock)
    decisions = DecisionService(database: database, clock: clock, accounts: accounts, ads: ads)
    backtests = BacktestService(accounts: accounts, ads: ads)
    imports = ImportService(database: database, clock: clock, accounts: accounts, ads: ads, deals: deals)
    demo = DemoService(database: database, clock: clock, accounts: accounts, ads: ads, deals: deals)
  }

  /// Opens the system that `url` names.
  public init(url: String) async throws {
    try await self.init(database: DatabaseURL(url).open())
  }

  /// Everything the HTTP API offers, its own description included.
  public var endpoints: [Endpoint] {
    let described =
      HealthRoutes(database: database, version: Release.version).endpoints
      + BattleHardenedRoutes(accounts: accounts, ads: ads, decisions: decisions, clock: clock).endpoints
      + SyntheticRevenueRoutes(accounts: accounts).endpoints
      + FatigueRoutes(ads: ads).endpoints
      + ConfigurationRoutes(accounts: accounts, figures: ads).endpoints
    return described + [OpenAPIRoute.endpoint(describing: described, version: Release.version)]
  }
}

/// The machine's clock.
public enum SystemClock {
  /// The present moment, to the microsecond.
  public static var now: Instant {
    Instant(microseconds: Int64((Date().timeIntervalSince1970 * 1_000_000).rounded()))
  }
}
