import Jobs

extension AccountService {
  /// Handles a kind of job for the account that is there when it begins: what `handler` writes goes to no later one of
  /// that name.
  package func handling<J: AccountJob>(
    _ type: J.Type, by handler: @escaping @Sendable (J, JobContext) async throws -> JobReport?
  ) -> JobHandling {
    JobHandling(type) { [self] job, context in
      try await inIncarnation(of: job.accountID) { try await handler(job, context) }
    }
  }
}
