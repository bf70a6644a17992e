import Jobs

extension AccountService {
  /// Handles a kind of job for the incarnation of the account that exists when it begins: what `handler` writes never
  /// goes to a later account with the same name.
  package func handling<J: AccountJob>(
    _ type: J.Type, by handler: @escaping @Sendable (J, JobContext) async throws -> JobReport?
  ) -> JobHandling {
    JobHandling(type) { [self] job, context in
      try await inIncarnation(of: job.accountID) { try await handler(job, context) }
    }
  }
}
