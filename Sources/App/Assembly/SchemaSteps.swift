import Accounts
import Decisions
import Jobs
import Measurement
import Operations
import Platforms
import Storage

/// The whole schema, in the order in which its migrations shipped. That is not always the order of their numbers: a
/// migration may need what one with a higher number created, as `0021_canonical_ids` needs columns of `0024_retention`.
package let allMigrations: [Migration] =
  AccountMigrations.all + AdMigrations.all + DealMigrations.all + DecisionMigrations.all + FunnelMigrations.all
  + JobMigrations.first + AccountMigrations.crm + AttributionMigrations.all + HubSpotMigrations.all
  + AccountMigrations.lifecycle + AuditMigrations.all
  + RowSecurityMigrations.all + JobMigrations.later + AccountMigrations.quotas
  + AccountMigrations.pauses
  + AccountMigrations.incarnations
  + AuditMigrations.authors
  + AuditMigrations.chain
  + AdMigrations.delivery
  + RetentionMigrations.all
  + IdentityMigrations.all
  + HubSpotMigrations.signers
  + ConfigurationMigrations.all
  + AccountMigrations.namedQuotas
  + DecisionMigrations.snapshots
  + MetaMigrations.all
  + ExecutionMigrations.all
  + LaunchMigrations.all
