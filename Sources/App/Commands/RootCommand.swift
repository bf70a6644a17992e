import ArgumentParser

/// `geminivideo`: all commands, one file each.
package struct RootCommand: AsyncParsableCommand {
  /// Names the program and its commands.
  package static let configuration = CommandConfiguration(
    commandName: "geminivideo",
    abstract: "Budget decisions for Meta ads, based on what happened to the leads.",
    version: Release.version,
    subcommands: [
      AccountsCommand.self, ConfigCommand.self, ImportCommand.self, AdsCommand.self, DecideCommand.self,
      ExplainCommand.self, ReplayCommand.self, StagesCommand.self, BacktestCommand.self, SimulateCommand.self,
      PolicyCommand.self, KeysCommand.self, ServeCommand.self, WorkerCommand.self, SchedulerCommand.self,
      JobsCommand.self, HubSpotCommand.self, MetaCommand.self, OptimizeCommand.self, ChangesCommand.self,
      ExecutionCommand.self, LaunchesCommand.self, AuditCommand.self, SandboxCommand.self, TrialCommand.self,
      MigrateCommand.self,
      BackupCommand.self, DoctorCommand.self,
    ])

  /// Makes the command, as its parser demands.
  package init() {}
}
