import Storage

/// The tables of jobs and schedules.
public enum JobMigrations {
  /// All steps, oldest first.
  public static let all = first + later

  /// What the tables began as.
  public static let first = [
    Migration("0006_jobs") { dialect in
      [jobs(dialect)] + indexes + [turns(dialect), queues(dialect), pauses(dialect)]
        + ["CREATE INDEX job_pauses_by_queue ON job_pauses (queue, until)", counters(dialect), schedules(dialect)]
    }
  ]

  /// What came later.
  public static let later = [
    Migration("0013_job_counter_slots") { dialect in
      [
        "ALTER TABLE job_counters RENAME TO job_counters_before",
        slottedCounters(dialect),
        """
        INSERT INTO job_counters (queue, name, outcome, failure_class, slot, count)
        SELECT queue, name, outcome, failure_class, 0, count FROM job_counters_before
        """,
        "DROP TABLE job_counters_before",
      ]
    }
  ]

  /// Transactions that end jobs concurrently add to different rows, see ``Dialect/writerSlot``.
  private static func slottedCounters(_ dialect: Dialect) -> SQL {
    """
    CREATE TABLE job_counters (
      queue \(type: .text) NOT NULL,
      name \(type: .text) NOT NULL,
      outcome \(type: .text) NOT NULL,
      failure_class \(type: .text) NOT NULL,
      slot \(type: .integer) NOT NULL CHECK (slot BETWEEN 0 AND 255),
      count \(type: .integer) NOT NULL CHECK (count >= 1),
      PRIMARY KEY (queue, name, outcome, failure_class, slot)
    )\(dialect.tableSuffix)
    """
  }

  private static func jobs(_ dialect: Dialect) -> SQL {
    """
    CREATE TABLE jobs (
      account_id \(type: .text) NOT NULL CHECK (length(account_id) BETWEEN 1 AND 64),
      job_id \(type: .text) NOT NULL CHECK (length(job_id) = 36),
      queue \(type: .text) NOT NULL CHECK (length(queue) BETWEEN 1 AND 64),
      name \(type: .text) NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
      payload \(type: .text) NOT NULL CHECK (length(payload) <= 65536),
      unique_key \(type: .text) CHECK (length(unique_key) BETWEEN 1 AND 200),
      state \(type: .text) NOT NULL
        CHECK (state IN ('available', 'scheduled', 'running', 'completed', 'cancelled', 'dead')),
      priority \(type: .integer) NOT NULL CHECK (priority BETWEEN 0 AND 9),
      turn \(type: .integer) NOT NULL CHECK (turn >= 0),
      attempt \(type: .integer) NOT NULL CHECK (attempt BETWEEN 0 AND maximum_attempts),
      maximum_attempts \(type: .integer) NOT NULL CHECK (maximum_attempts >= 1),
      run_at \(type: .instant) NOT NULL,
      created_at \(type: .instant) NOT NULL,
      started_at \(type: .instant),
      finished_at \(type: .instant),
      lease_owner \(type: .text),
      lease_token \(type: .integer) NOT NULL CHECK (lease_token >= 0),
      lease_until \(type: .instant),
      cancel_requested \(type: .bool) NOT NULL,
      failure_class \(type: .text),
      failure_reason \(type: .text),
      failure \(type: .text),
      report \(type: .text),
      PRIMARY KEY (account_id, job_id),
      CHECK ((state = 'running') = (lease_until IS NOT NULL)),
      CHECK ((lease_owner IS NULL) = (lease_until IS NULL)),
      CHECK ((state IN ('completed', 'cancelled', 'dead')) = (finished_at IS NOT NULL)),
      CHECK ((failure_class IS NULL) = (failure IS NULL))
    )\(dialect.tableSuffix)
    """
  }

  /// Each is small however many jobs have ended, except those of the ids and of ended jobs.
  private static let indexes: [SQL] = [
    "CREATE UNIQUE INDEX jobs_by_id ON jobs (job_id)",
    "CREATE INDEX jobs_available ON jobs (queue, priority, turn, job_id, account_id, name) WHERE state = 'available'",
    "CREATE INDEX jobs_scheduled ON jobs (queue, run_at) WHERE state = 'scheduled'",
    "CREATE INDEX jobs_running ON jobs (queue, lease_until) WHERE state = 'running'",
    "CREATE INDEX jobs_ended ON jobs (queue, state, finished_at) WHERE state IN ('completed', 'cancelled', 'dead')",
    """
    CREATE UNIQUE INDEX jobs_unique ON jobs (account_id, name, unique_key)
    WHERE state IN ('available', 'scheduled') AND unique_key IS NOT NULL
    """,
  ]

  private static func turns(_ dialect: Dialect) -> SQL {
    """
    CREATE TABLE job_turns (
      account_id \(type: .text) NOT NULL,
      queue \(type: .text) NOT NULL,
      priority \(type: .integer) NOT NULL,
      last_turn \(type: .integer) NOT NULL CHECK (last_turn >= 1),
      PRIMARY KEY (account_id, queue, priority)
    )\(dialect.tableSuffix)
    """
  }

  private static func queues(_ dialect: Dialect) -> SQL {
    """
    CREATE TABLE job_queues (
      queue \(type: .text) NOT NULL,
      priority \(type: .integer) NOT NULL,
      floor \(type: .integer) NOT NULL CHECK (floor >= 0),
      PRIMARY KEY (queue, priority)
    )\(dialect.tableSuffix)
    """
  }

  private static func pauses(_ dialect: Dialect) -> SQL {
    """
    CREATE TABLE job_pauses (
      account_id \(type: .text) NOT NULL,
      queue \(type: .text) NOT NULL,
      until \(type: .instant) NOT NULL,
      reason \(type: .text) NOT NULL,
      PRIMARY KEY (account_id, queue)
    )\(dialect.tableSuffix)
    """
  }

  private static func counters(_ dialect: Dialect) -> SQL {
    """
    CREATE TABLE job_counters (
      queue \(type: .text) NOT NULL,
      name \(type: .text) NOT NULL,
      outcome \(type: .text) NOT NULL,
      failure_class \(type: .text) NOT NULL,
      count \(type: .integer) NOT NULL CHECK (count >= 1),
      PRIMARY KEY (queue, name, outcome, failure_class)
    )\(dialect.tableSuffix)
    """
  }

  private static func schedules(_ dialect: Dialect) -> SQL {
    """
    CREATE TABLE schedules (
      name \(type: .text) PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 100),
      timing \(type: .text) NOT NULL,
      missed_policy \(type: .text) NOT NULL CHECK (missed_policy IN ('skip', 'once')),
      next_at \(type: .instant),
      last_fired_at \(type: .instant),
      enabled \(type: .bool) NOT NULL
    )\(dialect.tableSuffix)
    """
  }
}
