import Accounts
import DecisionEngine
import Jobs
import Measurement
import Storage
import Values

/// Watches over the wear of an account's ads.
package struct FatigueService: Sendable {
  private let ads: AdService
  private let accounts: AccountService

  /// Takes the services behind it.
  package init(ads: AdService, accounts: AccountService) {
    self.ads = ads
    self.accounts = accounts
  }

  /// Days of delivery that an ad is judged by.
  static let dayCount = 14

  /// The wear of every running ad of the account by its last stored days, by ad id. An ad with too few days is healthy.
  package func reports(of account: AccountID) async throws -> [(adID: AdID, report: FatigueReport)] {
    let configuration = try await accounts.configuration(of: account)
    let states = try await ads.known(of: account, configuration: configuration).running
    var reports: [(adID: AdID, report: FatigueReport)] = []
    for state in states {
      let days = try await ads.lastDays(Self.dayCount, of: state.adID, account: account)
      reports.append((state.adID, FatigueDetector.report(on: days.map(DeliveryDay.init))))
    }
    return reports
  }

  /// Does the job: says how many ads wear out, and the first of them by name.
  @Sendable package func monitor(_ job: MonitorFatigue, _ context: JobContext) async throws -> JobReport? {
    let reports = try await reports(of: job.accountID)
    let worn = reports.filter { $0.report.status != .healthy }
    guard !worn.isEmpty else { return JobReport("\(reports.count) ads, all healthy") }
    let named = worn.prefix(20).map { "\($0.adID) \($0.report.status.rawValue)" }.joined(separator: ", ")
    return JobReport("\(reports.count) ads, \(worn.count) not healthy: \(named)")
  }
}
