import Accounts
import Storage

/// The tables of execution: what an account allows, the changes that are proposed or were made, and their history.
package enum ExecutionMigrations {
  package static let all = [
    Migration("0031_execution") { dialect in
      [settings, stop, batches, changes, history].map { $0(dialect) } + [
        "INSERT INTO execution_stop (scope) VALUES ('all')"
      ]
        + indexes + guards(dialect) + RowSecurityMigrations.walls(dialect)
    }
  ]

  private static func settings(_ dialect: Dialect) -> SQL {
    """
    CREATE TABLE execution_settings (
      account_id \(type: .text) PRIMARY KEY REFERENCES accounts (account_id) ON DELETE CASCADE,
      mode \(type: .text) NOT NULL CHECK (mode IN ('observe', 'approve', 'automatic')),
      max_daily_change \(type: .double) NOT NULL CHECK (max_daily_change > 0 AND max_daily_change <= 1),
      budget_edits_per_hour \(type: .integer) NOT NULL CHECK (budget_edits_per_hour BETWEEN 1 AND 4),
      max_changes_per_day \(type: .integer) NOT NULL CHECK (max_changes_per_day BETWEEN 1 AND 10000),
      daily_budget \(type: .money) CHECK (daily_budget > 0),
      holder_floor \(type: .money) CHECK (holder_floor >= 0),
      holder_cap \(type: .money) CHECK (holder_cap >= holder_floor),
      account_floor \(type: .money) CHECK (account_floor >= 0),
      account_cap \(type: .money) CHECK (account_cap >= account_floor AND account_cap >= daily_budget),
      max_daily_spend \(type: .money) CHECK (max_daily_spend >= account_cap),
      cooldown_minutes \(type: .integer) NOT NULL CHECK (cooldown_minutes BETWEEN 15 AND 43200),
      learning_cooldown_minutes \(type: .integer) NOT NULL CHECK (learning_cooldown_minutes >= cooldown_minutes),
      quiet_from \(type: .integer) NOT NULL CHECK (quiet_from BETWEEN 0 AND 23),
      quiet_until \(type: .integer) NOT NULL CHECK (quiet_until BETWEEN 0 AND 23),
      change_hours \(type: .text) NOT NULL CHECK (length(change_hours) BETWEEN 1 AND 500),
      max_ads_paused \(type: .double) NOT NULL CHECK (max_ads_paused > 0 AND max_ads_paused <= 1),
      max_delivery_paused \(type: .double) NOT NULL CHECK (max_delivery_paused > 0 AND max_delivery_paused <= 1),
      same_day_stop \(type: .double) NOT NULL CHECK (same_day_stop > 0 AND same_day_stop <= 1),
      proposal_hours \(type: .integer) NOT NULL CHECK (proposal_hours BETWEEN 1 AND 168),
      version \(type: .integer) NOT NULL CHECK (version > 0),
      updated_at \(type: .instant) NOT NULL,
      stopped_at \(type: .instant),
      stopped_by \(type: .text) CHECK (length(stopped_by) BETWEEN 1 AND 200),
      stop_reason \(type: .text) CHECK (length(stop_reason) BETWEEN 1 AND 500),
      CHECK (mode = 'observe' OR (holder_floor IS NOT NULL AND holder_cap IS NOT NULL AND account_floor IS NOT NULL
        AND account_cap IS NOT NULL AND max_daily_spend IS NOT NULL)),
      CHECK ((stopped_at IS NULL) = (stopped_by IS NULL) AND (stopped_at IS NULL) = (stop_reason IS NULL))
    )\(dialect.tableSuffix)
    """
  }

  /// One row, whose lock every write takes: whoever stops waits for the writes that are about to be noted.
  private static func stop(_ dialect: Dialect) -> SQL {
    """
    CREATE TABLE execution_stop (
      scope \(type: .text) PRIMARY KEY CHECK (scope = 'all'),
      stopped_at \(type: .instant),
      stopped_by \(type: .text) CHECK (length(stopped_by) BETWEEN 1 AND 200),
      stop_reason \(type: .text) CHECK (length(stop_reason) BETWEEN 1 AND 500),
      CHECK ((stopped_at IS NULL) = (stopped_by IS NULL) AND (stopped_at IS NULL) = (stop_reason IS NULL))
    )\(dialect.tableSuffix)
    """
  }

  private static func batches(_ dialect: Dialect) -> SQL {
    """
    CREATE TABLE ad_change_batches (
      account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
      batch_id \(type: .text) NOT NULL CHECK (length(batch_id) = 24),
      made_at \(type: .instant) NOT NULL,
      made_by \(type: .text) NOT NULL CHECK (length(made_by) BETWEEN 1 AND 200),
      decision_id \(type: .text) CHECK (length(decision_id) <= 129),
      total_budget \(type: .money) CHECK (total_budget > 0),
      changes \(type: .integer) NOT NULL CHECK (changes >= 0),
      note \(type: .text) NOT NULL CHECK (length(note) <= 2000),
      refusals \(type: .text) NOT NULL,
      PRIMARY KEY (account_id, batch_id)
    )\(dialect.tableSuffix)
    """
  }

  private static func changes(_ dialect: Dialect) -> SQL {
    """
    CREATE TABLE pending_ad_changes (
      account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
      change_id \(type: .text) NOT NULL CHECK (length(change_id) = 24),
      batch_id \(type: .text) NOT NULL CHECK (length(batch_id) = 24),
      decision_id \(type: .text) CHECK (length(decision_id) <= 129),
      origin \(type: .text) NOT NULL
        CHECK (origin IN ('decision', 'same_day_stop', 'fatigue', 'revive', 'rollback')),
      object_id \(type: .text) NOT NULL CHECK (length(object_id) BETWEEN 1 AND 64),
      level \(type: .text) NOT NULL CHECK (level IN ('campaign', 'ad_set', 'ad')),
      object_name \(type: .text) CHECK (length(object_name) <= 500),
      kind \(type: .text) NOT NULL CHECK (kind IN ('pause', 'activate', 'set_budget')),
      part \(type: .text) NOT NULL,
      current_budget \(type: .money) CHECK (current_budget >= 0),
      target_budget \(type: .money) CHECK (target_budget > 0),
      apply_rank \(type: .integer) NOT NULL CHECK (apply_rank BETWEEN 0 AND 3),
      reason \(type: .text) NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
      effect_spend \(type: .money) NOT NULL,
      effect_revenue \(type: .money),
      effect_revenue_low \(type: .money),
      effect_revenue_high \(type: .money),
      delivery_share \(type: .double) NOT NULL CHECK (delivery_share >= 0),
      learning \(type: .text) NOT NULL CHECK (learning IN ('learning', 'learned', 'limited', 'unknown')),
      ads \(type: .text) NOT NULL,
      total_limit \(type: .money) CHECK (total_limit > 0),
      proposed_at \(type: .instant) NOT NULL,
      proposed_by \(type: .text) NOT NULL CHECK (length(proposed_by) BETWEEN 1 AND 200),
      expires_at \(type: .instant) NOT NULL CHECK (expires_at > proposed_at),
      rollback_of \(type: .text) CHECK (length(rollback_of) = 24),
      state \(type: .text) NOT NULL CHECK (state IN ('proposed', 'approved', 'claimed', 'applying', 'verified', 'failed',
        'blocked', 'expired', 'rejected', 'rolled_back')),
      state_reason \(type: .text) CHECK (length(state_reason) <= 2000),
      not_before \(type: .instant),
      approved_at \(type: .instant),
      approved_by \(type: .text) CHECK (length(approved_by) BETWEEN 1 AND 200),
      claimed_by \(type: .text) CHECK (length(claimed_by) BETWEEN 1 AND 200),
      claimed_until \(type: .instant),
      applying_at \(type: .instant),
      send_by \(type: .instant),
      settle_at \(type: .instant),
      was_written \(type: .bool),
      ads_paused \(type: .integer) NOT NULL DEFAULT 0 CHECK (ads_paused >= 0),
      delivery_paused \(type: .double) NOT NULL DEFAULT 0 CHECK (delivery_paused >= 0),
      finished_at \(type: .instant),
      rolled_back_by \(type: .text) CHECK (length(rolled_back_by) = 24),
      PRIMARY KEY (account_id, change_id),
      FOREIGN KEY (account_id, batch_id) REFERENCES ad_change_batches (account_id, batch_id) ON DELETE CASCADE,
      CHECK ((kind = 'set_budget') = (part = 'budget') AND (kind <> 'set_budget') = (part = 'status')),
      CHECK ((kind = 'set_budget') = (current_budget IS NOT NULL) AND (kind = 'set_budget') = (target_budget IS NOT NULL)),
      CHECK (kind <> 'set_budget' OR (level <> 'ad' AND current_budget <> target_budget)),
      CHECK ((origin = 'rollback') = (rollback_of IS NOT NULL)),
      CHECK ((approved_at IS NULL) = (approved_by IS NULL)),
      CHECK (state NOT IN ('approved', 'claimed', 'applying', 'verified', 'failed', 'rolled_back')
        OR approved_by IS NOT NULL),
      CHECK ((state = 'claimed') = (claimed_until IS NOT NULL)),
      CHECK ((state IN ('applying', 'verified', 'failed', 'rolled_back')) = (applying_at IS NOT NULL)),
      CHECK ((applying_at IS NULL) = (send_by IS NULL) AND (applying_at IS NULL) = (settle_at IS NULL)),
      CHECK ((state IN ('verified', 'failed', 'rolled_back')) = (was_written IS NOT NULL)),
      CHECK (state NOT IN ('verified', 'rolled_back') OR was_written),
      CHECK ((state IN ('verified', 'failed', 'blocked', 'expired', 'rejected', 'rolled_back'))
        = (finished_at IS NOT NULL)),
      CHECK ((state = 'rolled_back') = (rolled_back_by IS NOT NULL))
    )\(dialect.tableSuffix)
    """
  }

  private static func history(_ dialect: Dialect) -> SQL {
    """
    CREATE TABLE ad_change_history (
      account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
      change_id \(type: .text) NOT NULL,
      entry \(type: .integer) NOT NULL CHECK (entry > 0),
      at \(type: .instant) NOT NULL,
      actor \(type: .text) NOT NULL CHECK (length(actor) BETWEEN 1 AND 200),
      event \(type: .text) NOT NULL CHECK (length(event) BETWEEN 1 AND 64),
      state \(type: .text) NOT NULL,
      detail \(type: .text) CHECK (length(detail) <= 2000),
      request \(type: .text) CHECK (length(request) <= 2000),
      response \(type: .text) CHECK (length(response) <= 2000),
      PRIMARY KEY (account_id, change_id, entry),
      FOREIGN KEY (account_id, change_id) REFERENCES pending_ad_changes (account_id, change_id) ON DELETE CASCADE
    )\(dialect.tableSuffix)
    """
  }

  private static let indexes: [SQL] = [
    """
    CREATE UNIQUE INDEX open_ad_changes ON pending_ad_changes (account_id, object_id, part)
    WHERE state IN ('proposed', 'approved', 'claimed', 'applying')
    """,
    "CREATE INDEX ad_changes_by_state ON pending_ad_changes (account_id, state, apply_rank, change_id)",
    "CREATE INDEX ad_changes_by_batch ON pending_ad_changes (account_id, batch_id)",
    "CREATE INDEX ad_changes_written ON pending_ad_changes (account_id, applying_at) WHERE applying_at IS NOT NULL",
    "CREATE INDEX ad_changes_under_way ON pending_ad_changes (state) WHERE state = 'applying'",
    "CREATE INDEX ad_changes_by_end ON pending_ad_changes (finished_at)",
    "CREATE INDEX ad_change_batches_by_time ON ad_change_batches (made_at)",
  ]

  /// The moves that a change's state may make, as `from>to`.
  static let moves = [
    "proposed>approved", "proposed>rejected", "proposed>expired", "approved>claimed", "approved>rejected",
    "approved>expired", "claimed>applying", "claimed>approved", "claimed>blocked", "claimed>expired",
    "claimed>rejected", "applying>verified", "applying>failed", "applying>approved", "verified>rolled_back",
  ]

  /// What a change is to do, which stays as it was proposed.
  private static let fixed = [
    "account_id", "change_id", "batch_id", "decision_id", "origin", "object_id", "level", "kind", "part",
    "current_budget", "target_budget", "total_limit", "proposed_at", "proposed_by", "expires_at", "rollback_of",
  ]

  /// The database itself holds changes to their states, to what was proposed, and the history to what was written.
  private static func guards(_ dialect: Dialect) -> [SQL] {
    let list = SQL(stringLiteral: moves.map { "'\($0)'" }.joined(separator: ", "))
    let columns = SQL(stringLiteral: fixed.joined(separator: ", "))
    switch dialect {
    case .sqlite:
      return [
        """
        CREATE TRIGGER ad_changes_begin BEFORE INSERT ON pending_ad_changes WHEN NEW.state <> 'proposed'
        BEGIN SELECT RAISE(ABORT, 'a change begins as proposed'); END
        """,
        """
        CREATE TRIGGER ad_changes_move BEFORE UPDATE OF state ON pending_ad_changes
        WHEN OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN (\(list))
        BEGIN SELECT RAISE(ABORT, 'a change cannot go from its state to that one'); END
        """,
        """
        CREATE TRIGGER ad_changes_stay BEFORE UPDATE OF \(columns) ON pending_ad_changes
        BEGIN SELECT RAISE(ABORT, 'what a change is to do stays as it was proposed'); END
        """,
        """
        CREATE TRIGGER ad_change_history_stays BEFORE UPDATE ON ad_change_history
        BEGIN SELECT RAISE(ABORT, 'ad_change_history is append-only'); END
        """,
      ]
    case .postgresql:
      return [
        """
        CREATE FUNCTION ad_changes_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation';
        END $$
        """,
        """
        CREATE TRIGGER ad_changes_begin BEFORE INSERT ON pending_ad_changes FOR EACH ROW WHEN (NEW.state <> 'proposed')
        EXECUTE FUNCTION ad_changes_refuse('a change begins as proposed')
        """,
        """
        CREATE TRIGGER ad_changes_move BEFORE UPDATE OF state ON pending_ad_changes FOR EACH ROW
        WHEN (OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN (\(list)))
        EXECUTE FUNCTION ad_changes_refuse('a change cannot go from its state to that one')
        """,
        """
        CREATE TRIGGER ad_changes_stay BEFORE UPDATE OF \(columns) ON pending_ad_changes FOR EACH ROW
        EXECUTE FUNCTION ad_changes_refuse('what a change is to do stays as it was proposed')
        """,
        """
        CREATE TRIGGER ad_change_history_stays BEFORE UPDATE ON ad_change_history FOR EACH ROW
        EXECUTE FUNCTION ad_changes_refuse('ad_change_history is append-only')
        """,
      ]
    }
  }
}
