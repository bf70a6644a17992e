import Jobs
import Storage
import TestKit
import Testing

@Suite("The drivers keep the promises of JobQueue")
struct QueueConformanceTests {
  @Test(arguments: JobQueueConformance.cases)
  func memory(_ check: JobQueueConformanceCase) async throws {
    let clock = ManualClock()
    try await check.run(
      JobQueueSubject(queue: MemoryJobQueue(clock: clock.now, generator: SeededRandom(seed: 7)), clock: clock))
  }

  @Test(arguments: JobQueueConformance.cases)
  func database(_ check: JobQueueConformanceCase) async throws {
    try await withJobDatabase { database, clock in
      try await recordMoves(on: database)
      let queue = DatabaseJobQueue(database: database, clock: clock.now, generator: SeededRandom(seed: 7))
      try await check.run(JobQueueSubject(queue: queue, clock: clock))
      #expect(try await forbiddenMoves(on: database) == [])
    }
  }
}

/// Gives `body` a database of its own with the tables of jobs.
func withJobDatabase(_ body: (any Database, ManualClock) async throws -> Void) async throws {
  let test = try await TestDatabase(.jobs)
  try await body(test.database, ManualClock())
}

extension TestSchema {
  /// That of jobs alone.
  static let jobs = TestSchema("jobs", JobMigrations.all)
}

/// Has the database itself note every change of a job's state.
private func recordMoves(on database: any Database) async throws {
  try await database.write { transaction in
    try transaction.execute("CREATE TABLE moves (source TEXT NOT NULL, target TEXT NOT NULL)")
    for statement in noting(transaction.dialect) { try transaction.execute(statement) }
  }
}

private func noting(_ dialect: Dialect) -> [SQL] {
  switch dialect {
  case .sqlite:
    [
      """
      CREATE TRIGGER jobs_moves AFTER UPDATE OF state ON jobs WHEN old.state <> new.state
      BEGIN INSERT INTO moves (source, target) VALUES (old.state, new.state); END
      """
    ]
  case .postgresql:
    [
      """
      CREATE FUNCTION note_move() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN INSERT INTO moves (source, target) VALUES (old.state, new.state); RETURN NULL; END'
      """,
      """
      CREATE TRIGGER jobs_moves AFTER UPDATE OF state ON jobs FOR EACH ROW WHEN (old.state <> new.state)
      EXECUTE FUNCTION note_move()
      """,
    ]
  }
}

/// The noted changes that ``JobState/canMove(to:)`` does not have.
private func forbiddenMoves(on database: any Database) async throws -> [String] {
  try await database.read { transaction in
    try transaction.query("SELECT DISTINCT source, target FROM moves").compactMap { row in
      let source = try #require(JobState(rawValue: try row.get("source")))
      let target = try #require(JobState(rawValue: try row.get("target")))
      return source.canMove(to: target) ? nil : "\(source) -> \(target)"
    }
  }
}
