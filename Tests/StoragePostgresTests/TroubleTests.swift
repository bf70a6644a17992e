import Foundation
import Storage
import StoragePostgres
import TestKit
import Testing
import Values

@Suite("PostgreSQL in trouble")
struct TroubleTests {
  @Test("a cancelled task ends its statement at the server, and the connection is used again")
  func cancelledStatement() async throws {
    try await TestServer.shared().withFreshDatabase(adjusting: { $0.largestPool = 1 }) { database in
      for _ in 0..<5 {
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
          try await database.write { transaction in
            start.finish()
            _ = try transaction.query("SELECT pg_sleep(\(600.0))")
          }
        }
        for await _ in started {}
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let one = try await database.read { try $0.first("SELECT 1 AS one")?.get("one", as: Int.self) }
        #expect(one == 1)
      }
    }
  }

  @Test("a task cancelled before or while it waits for a connection does nothing")
  func cancelledWaiting() async throws {
    try await TestServer.shared().withFreshDatabase(adjusting: { $0.largestPool = 1 }) { database in
      try await makeCounter(on: database)
      let (started, start) = AsyncStream.makeStream(of: Void.self)
      let holder = Task {
        try await database.read { transaction in
          start.finish()
          _ = try transaction.query("SELECT pg_sleep(\(600.0))")
        }
      }
      for await _ in started {}
      let waiting = (0..<50).map { _ in
        Task { try await database.write { try $0.execute("UPDATE counters SET n = n + 1") } }
      }
      for task in waiting { task.cancel() }
      for task in waiting { await #expect(throws: CancellationError.self) { try await task.value } }
      holder.cancel()
      await #expect(throws: CancellationError.self) { try await holder.value }
      #expect(try await count(on: database) == 0)
    }
  }

  @Test(
    "tasks cancelled at any moment leave whole transactions and a pool that works", arguments: 0..<4 as Range<UInt64>)
  func cancelledAnywhere(seed: UInt64) async throws {
    try await TestServer.shared().withFreshDatabase(adjusting: { $0.largestPool = 3 }) { database in
      _ = try await database.write { try $0.execute("CREATE TABLE pairs (id BIGINT, side BIGINT)") }
      var random = SeededRandom(seed: seed)
      let tasks = (0..<60).map { id in
        Task {
          try await database.write(isolation: .readCommitted) { transaction in
            try transaction.execute("INSERT INTO pairs (id, side) VALUES (\(id), \(1))")
            try transaction.execute("INSERT INTO pairs (id, side) VALUES (\(id), \(2))")
          }
        }
      }
      for task in tasks.shuffled(using: &random).prefix(40) {
        for _ in 0..<Int.random(in: 0..<20, using: &random) { await Task.yield() }
        task.cancel()
      }
      var done: Set<Int> = []
      for (id, task) in tasks.enumerated() {
        do {
          _ = try await task.value
          done.insert(id)
        } catch is CancellationError {
          continue
        }
      }
      let found = try await database.read { transaction in
        try transaction.query("SELECT id FROM pairs GROUP BY id HAVING COUNT(*) = 2").map {
          try $0.get("id", as: Int.self)
        }
      }
      #expect(Set(found) == done, "what is there is what was reported")
    }
  }

  @Test("a statement that takes too long is ended by the server")
  func statementTimeout() async throws {
    try await TestServer.shared().withFreshDatabase(adjusting: { $0.secondsPerStatement = 1 }) { database in
      let error = await #expect(throws: DatabaseError.self) {
        _ = try await database.read { try $0.query("SELECT pg_sleep(\(600.0))") }
      }
      guard case .failed(let detail) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(detail.contains("57014"))
    }
  }

  @Test("a lock that is held too long is busy")
  func lockTimeout() async throws {
    try await TestServer.shared().withFreshDatabase(adjusting: { $0.secondsToLock = 1 }) { database in
      try await makeCounter(on: database)
      let (locked, lock) = AsyncStream.makeStream(of: Void.self)
      let holder = Task {
        try await database.write { transaction in
          try transaction.execute("UPDATE counters SET n = 1")
          lock.finish()
          _ = try transaction.query("SELECT pg_sleep(\(600.0))")
        }
      }
      for await _ in locked {}
      let error = await #expect(throws: DatabaseError.self) {
        try await database.write { try $0.execute("UPDATE counters SET n = 2") }
      }
      guard case .busy = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      holder.cancel()
      await #expect(throws: CancellationError.self) { try await holder.value }
    }
  }

  @Test("a pool that is used up, and a server that is not there, are told apart")
  func noConnection() async throws {
    try await TestServer.shared().withFreshDatabase(
      adjusting: {
        $0.largestPool = 1
        $0.secondsToConnection = 1
      }
    ) { database in
      let (started, start) = AsyncStream.makeStream(of: Void.self)
      let holder = Task {
        try await database.read { transaction in
          start.finish()
          _ = try transaction.query("SELECT pg_sleep(\(600.0))")
        }
      }
      for await _ in started {}
      let error = await #expect(throws: DatabaseError.self) { _ = try await database.read { try $0.query("SELECT 1") } }
      guard case .busy = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      holder.cancel()
    }
    var settings = try PostgresSettings("postgresql://nobody@127.0.0.1:1/none")
    settings.secondsToConnection = 1
    let nowhere = PostgresDatabase(settings)
    let error = await #expect(throws: DatabaseError.self) { _ = try await nowhere.read { try $0.query("SELECT 1") } }
    guard case .unavailable(let detail) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(detail.contains("127.0.0.1"))
    await nowhere.shutDown()
  }

  @Test("after the shutdown nothing runs, and what ran came to its end")
  func shutDown() async throws {
    try await TestServer.shared().withFreshDatabase { database in
      try await makeCounter(on: database)
      let (started, start) = AsyncStream.makeStream(of: Void.self)
      let last = Task {
        try await database.write { transaction in
          start.finish()
          _ = try transaction.query("SELECT pg_sleep(\(0.2))")
          return try transaction.execute("UPDATE counters SET n = n + 1")
        }
      }
      for await _ in started {}
      await database.shutDown()
      #expect(try await last.value == 1)
      await #expect(throws: DatabaseError.unavailable("the connections have been closed")) {
        _ = try await database.read { try $0.query("SELECT 1") }
      }
      await database.shutDown()
    }
  }

  @Test("a server that is killed and started again: what was committed is there, and work goes on")
  func killedServer() async throws {
    let server = try TestServer.started()
    defer { server.stop() }
    var settings = try PostgresSettings(server.url())
    settings.secondsToConnection = 60
    let database = PostgresDatabase(settings)
    try await makeCounter(on: database)
    let notifications = database.notifications(on: "things")
    var events = notifications.makeAsyncIterator()
    #expect(await events.next() == .listening)

    let writers = (0..<4).map { _ in
      Task { () -> (done: Int, unknown: Int) in
        var result = (done: 0, unknown: 0)
        while !Task.isCancelled {
          do {
            try await database.write(isolation: .readCommitted) { transaction in
              _ = try transaction.execute("UPDATE counters SET n = n + 1")
            }
            result.done += 1
          } catch DatabaseError.unavailable(let detail) {
            if detail.contains("unknown") { result.unknown += 1 }
          } catch is CancellationError {
            break
          }
        }
        return result
      }
    }
    while try await count(on: database) ?? 0 < 50 {}
    try server.kill()
    try server.startAgain()
    let before = try await count(on: database) ?? 0
    #expect(before >= 50)
    while try await count(on: database) ?? 0 < before + 50 {}
    for writer in writers { writer.cancel() }
    var (done, unknown) = (0, 0)
    for writer in writers {
      let result = try await writer.value
      done += result.done
      unknown += result.unknown
    }
    let found = try #require(try await count(on: database))
    #expect((done...(done + unknown)).contains(found), "\(found) of \(done), and \(unknown) unknown")
    #expect(await events.next() == .listening, "whoever listens is told that something may have been missed")
    await database.shutDown()
  }
}

@Suite("Notifications")
struct NotificationTests {
  @Test("come to all who listen, in order, when the transaction commits")
  func notifications() async throws {
    try await TestServer.shared().withFreshDatabase { database in
      let channel = "Jobs \"\(UUID().uuidString)\""
      var streams = [database.notifications(on: channel), database.notifications(on: channel)]
        .map { $0.makeAsyncIterator() }
      for index in streams.indices { #expect(await streams[index].next() == .listening) }
      _ = try? await database.write { transaction in
        _ = try transaction.query("SELECT pg_notify(\(channel), 'taken back')")
        throw CancellationError()
      }
      for payload in ["one", "zwö"] {
        try await database.write { _ = try $0.query("SELECT pg_notify(\(channel), \(payload))") }
      }
      for index in streams.indices {
        #expect(await streams[index].next() == .received(channel: channel, payload: "one"))
        #expect(await streams[index].next() == .received(channel: channel, payload: "zwö"))
      }
      await database.shutDown()
      for index in streams.indices { #expect(await streams[index].next() == nil) }
    }
  }

  @Test("the connection ends with its reader")
  func readerLeaves() async throws {
    try await TestServer.shared().withFreshDatabase { database in
      let name = "listens_\(UUID().uuidString.prefix(8).lowercased())"
      let reader = Task {
        for await event in database.notifications(on: name) where event != .listening { return }
      }
      let query: SQL = "SELECT COUNT(*) AS n FROM pg_stat_activity WHERE query = \("LISTEN \"\(name)\"")"
      func listeners() async throws -> Int? {
        try await database.read { try $0.first(query)?.get("n", as: Int.self) }
      }
      while try await listeners() != 1 {}
      reader.cancel()
      while try await listeners() != 0 {}
    }
  }
}
