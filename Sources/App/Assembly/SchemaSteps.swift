import Accounts
import Decisions
import Jobs
import Measurement
import Operations
import Platforms
import Storage

/// The whole schema, feature by feature, in the order in which its steps shipped.
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
  + DecisionMigrations.snapshots
