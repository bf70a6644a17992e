import Accounts
import Jobs
import Web

extension Feature {
  /// Launches: videos that become paused ads.
  package static func launches(_ launches: LaunchService, accounts: AccountService) -> Feature {
    Feature(
      endpoints: LaunchRoutes(launches: launches).endpoints,
      jobs: [accounts.handling(RunLaunch.self, by: launches.run)],
      retentions: [Retention("launches", every: .seconds(86_400), batch: 1_000, remove: launches.removeEnded)])
  }
}
