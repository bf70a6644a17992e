import Formats
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Storage

/// Sends requests of every kind through the whole router, in this process, and holds the answers to the API's document.
package struct RequestFuzzer: Sendable {
  /// Requests that share a database; the next ones begin with a new one.
  package static let sectionLength = 2_000
  /// Requests between two times at which waiting jobs are done.
  private static let catchUpInterval = 250

  private let seed: UInt64
  private let databaseURL: String?
  private let folder: URL

  /// Works in `folder`, where it also writes each request before it sends it, to `last-request.txt`. With `databaseURL`,
  /// that PostgreSQL database, which must be empty, is used by all sections one after another.
  package init(seed: UInt64, databaseURL: String? = nil, folder: URL) {
    self.seed = seed
    self.databaseURL = databaseURL
    self.folder = folder
  }

  /// Makes the requests of these numbers. Those before them in their section are made too, since they depend on what
  /// those left.
  package func run(_ numbers: Range<Int>, onSection: (Int, FuzzReport) -> Void = { _, _ in }) async throws -> FuzzReport
  {
    var report = FuzzReport()
    var start = numbers.lowerBound / Self.sectionLength * Self.sectionLength
    while start < numbers.upperBound {
      let end = min(start + Self.sectionLength, numbers.upperBound)
      report = try await run(section: start..<end, report)
      onSection(end, report)
      start = end
    }
    return report
  }

  private func run(section: Range<Int>, _ before: FuzzReport) async throws -> FuzzReport {
    let database = try FuzzDatabase.open(url: databaseURL, in: folder, number: section.lowerBound)
    if databaseURL != nil { try await Self.clear(database) }
    let fuzz = try await FuzzSystem(on: database)
    let report = try await fuzz.application.test(.router) { client in
      var report = before
      for number in section {
        var random = FuzzRandom(seed: seed, number: number)
        fuzz.clock.advance(microseconds: Int64(random.int(1...3_000_000)))
        let request = fuzz.maker.request(&random, at: fuzz.clock.now)
        try note(number, request)
        let answer = try await client.execute(
          uri: request.target, method: request.method, headers: request.headers,
          body: request.body.map { ByteBuffer(bytes: $0) })
        report.add("\(answer.status.code)")
        if let problem = problem(request, answer, fuzz.check) {
          let text = String(decoding: answer.body.readableBytesView.prefix(2_000), as: UTF8.self)
          report.add(
            FuzzFailure(
              seed: seed, number: number, problem: problem, input: request.text,
              answer: "\(answer.status.code)\n\(text)"),
            kind: "\(request.operation?.path ?? request.target.prefix(60).description) \(problem.prefix(40))")
        }
        if number % Self.catchUpInterval == Self.catchUpInterval - 1 { try await fuzz.catchUp() }
      }
      return report
    }
    await database.shutDown()
    return report
  }

  /// Empties a PostgreSQL database for the next section.
  private static func clear(_ database: any Database) async throws {
    try await database.write { transaction in
      try transaction.execute("DROP SCHEMA public CASCADE")
      try transaction.execute("CREATE SCHEMA public")
    }
  }

  /// What is wrong with an answer; nil for one that the document allows.
  private func problem(_ request: FuzzRequest, _ answer: TestResponse, _ check: SchemaCheck) -> String? {
    let status = answer.status.code
    if status >= 500, status != 503 { return "status \(status)" }
    guard let operation = request.operation, request.method.rawValue == operation.method,
      let schema = operation.answers[status]
    else { return nil }
    guard schema.kind != .null else { return nil }
    do {
      let bytes = Array(answer.body.readableBytesView)
      let value = try JSONReader.read(bytes) { try $0.readValue() }
      return check.problem(value, schema).map { "the answer breaks its schema: \($0)" }
    } catch {
      return "the answer is no JSON: \(error)"
    }
  }

  private func note(_ number: Int, _ request: FuzzRequest) throws {
    try Data("seed \(seed), number \(number)\n\(request.text)\n".utf8)
      .write(to: folder.appending(path: "last-request.txt"))
  }
}
