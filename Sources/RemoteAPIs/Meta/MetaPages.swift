import Formats
import Values

/// Walks through a list of Meta's page by page.
///
/// Each page is asked for with the parameters of the first and the cursor that the page before gave. The address that a
/// page names for the next one is never called: it holds the token, and whoever wrote it would choose where the token
/// goes. A page may be empty and not be the last.
package struct MetaPages<Record: Sendable>: Sendable {
  /// How many pages are read at most: more than any ad account has.
  package static var mostPages: Int { 10_000 }

  private let client: MetaClient
  private let path: String
  private let parameters: [(name: String, value: String)]
  private let purpose: MetaThrottle.Purpose
  private let record: @Sendable (JSONField) throws(JSONField.Problem) -> Record
  private var after: String?
  private var pages = 0
  private var isAtEnd = false

  init(
    _ client: MetaClient, _ path: String, _ parameters: [(name: String, value: String)],
    for purpose: MetaThrottle.Purpose,
    _ record: @escaping @Sendable (JSONField) throws(JSONField.Problem) -> Record
  ) {
    self.client = client
    self.path = path
    self.parameters = parameters
    self.purpose = purpose
    self.record = record
  }

  /// The records of the next page, which may be none, or nil at the end. After an error the same page can be asked for
  /// again.
  package mutating func next() async throws(MetaError) -> [Record]? {
    if isAtEnd { return nil }
    guard pages < Self.mostPages else { throw MetaError(.unreadable, "the list \(path) does not end") }
    let cursor = after.map { [(name: "after", value: $0)] } ?? []
    let answer = try await client.get(path, parameters + cursor, for: purpose)
    let (records, next) = try client.read { () throws(JSONField.Problem) in
      let data = try answer.member("data")
      guard !data.isAbsent else { throw data.problem("must be an array") }
      return (try data.elements().map(record), try Self.next(answer))
    }
    if let next, next == after { throw MetaError(.unreadable, "the list \(path) goes round in circles") }
    after = next
    isAtEnd = next == nil
    pages += 1
    return records
  }

  /// The records of all pages that are left.
  package mutating func all() async throws(MetaError) -> [Record] {
    var records: [Record] = []
    while let page = try await next() { records += page }
    return records
  }

  /// The cursor of the next page; nil on the last one, which names no next address.
  private static func next(_ answer: JSONField) throws(JSONField.Problem) -> String? {
    let paging = try answer.member("paging")
    guard !paging.isAbsent, try !paging.member("next").isAbsent else { return nil }
    return try paging.member("cursors").member("after").text()
  }
}
