import Values
import Web

extension Feature {
  /// Accounts, their configuration, keys, limits and audit log. `figures` computes the effects of a configuration
  /// change.
  package static func accounts(
    _ accounts: AccountService, lifecycle: AccountLifecycleService, keys: APIKeyService, audit: AuditService,
    figures: any AccountValuation, clock: @escaping @Sendable () -> Instant
  ) -> Feature {
    Feature(
      endpoints: ConfigurationRoutes(accounts: accounts, figures: figures).endpoints
        + AccountLimitRoutes(lifecycle: lifecycle).endpoints + APIKeyRoutes(keys: keys, clock: clock).endpoints
        + AuditRoutes(audit: audit).endpoints,
      retentions: [Retention("api_keys", every: .seconds(86_400), batch: 1_000, remove: keys.removeEnded)])
  }
}
