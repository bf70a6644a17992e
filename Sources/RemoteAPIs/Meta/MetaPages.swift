import Formats
import Values

/// Iterates over one of Meta's lists page by page.
///
/// Each page is requested with the parameters of the first and the cursor from the previous page. The URL that a page
/// gives for the next one is never called: it contains the token, and whoever wrote it would choose where the token is
/// sent. A page may be empty without being the last.
package struct MetaPages<Record: Sendable>: Sendable {
  /// The most pages that are read: more than any ad account has.
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

  /// The records of the next page, possibly none, or nil at the end. After an error the same page can be requested
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
    if let next, next == after { throw MetaError(.unreadable, "the list \(path) repeats a page") }
    after = next
    isAtEnd = next == nil
    pages += 1
    return records
  }

  /// The records of all remaining pages.
  package mutating func all() async throws(MetaError) -> [Record] {
    var records: [Record] = []
    while let page = try await next() { records += page }
    return records
  }

  /// The cursor of the next page; nil on the last one, which gives no URL for a next one.
  private static func next(_ answer: JSONField) throws(JSONField.Problem) -> String? {
    let paging = try answer.member("paging")
    guard !paging.isAbsent, try !paging.member("next").isAbsent else { return nil }
    return try paging.member("cursors").member("after").text()
  }
}
