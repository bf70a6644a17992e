import BlobStorage
import Formats
import HTTPTypes
import Values

/// One bucket of Google Cloud Storage, by its JSON API.
///
/// Every write and removal states the version that it expects, so that no writer replaces what it does not know of, and
/// so that each call may be repeated by Google's rules. Where a repeated call is refused because the first one has been
/// carried out, this is found out. Checksums are compared in both directions.
package struct CloudStorageClient: Sendable {
  /// The most bytes of an object's name.
  static let longestName = 1_024

  let settings: CloudStorageSettings
  let calls: GoogleCalls

  /// `tokens` is nil for an emulator, which wants none.
  package init(
    settings: CloudStorageSettings, transport: any HTTPTransport, tokens: GoogleTokens?, retry: GoogleRetry
  ) {
    self.settings = settings
    calls = GoogleCalls(transport: transport, tokens: tokens, retry: retry)
  }

  /// What is known of an object; nil where there is none.
  package func object(_ name: String) async throws(GoogleError) -> CloudObject? {
    do throws(GoogleError) {
      return try await calls.retry.run { _ throws(FailedAttempt<GoogleError>) in
        try await object(of: HTTPCall(.get, try objectURL(name, [("projection", "noAcl")])))
      }
    } catch  where error.kind == .notFound && !error.isAboutBucket {
      return nil
    }
  }

  /// A page of the objects whose names begin with `prefix`, and what the next page is asked for by.
  package func objects(
    prefix: String, page: String?
  ) async throws(GoogleError) -> (objects: [CloudObject], next: String?) {
    let query = [
      ("maxResults", "\(settings.pageSize)"), ("projection", "noAcl"), ("prefix", prefix), ("pageToken", page ?? ""),
    ].filter { !$0.1.isEmpty }
    return try await calls.retry.run { _ throws(FailedAttempt<GoogleError>) in
      var call = HTTPCall(.get, url("/storage/v1/b/\(settings.bucket)/o", query))
      // A description has about 1 KiB, and at most 8 KiB of metadata.
      call.largestAnswer = 16 << 20
      let field = try GoogleCalls.json(try await calls.send(call, expecting: [200]))
      return try GoogleCalls.read { () throws(JSONField.Problem) in
        let items = try field.member("items").elements().map { item throws(JSONField.Problem) in
          try CloudObject(item)
        }
        return (items, try field.member("nextPageToken").optionalText())
      }
    }
  }

  /// Removes a version of an object. Does nothing where there is no object; throws ``GoogleError/Kind/conditionNotMet``
  /// where there is another version.
  package func delete(_ name: String, generation: Int64) async throws(GoogleError) {
    do throws(GoogleError) {
      try await calls.retry.run { _ throws(FailedAttempt<GoogleError>) in
        let url = try objectURL(name, [("ifGenerationMatch", "\(generation)")])
        // The emulators answer 200 in place of 204.
        _ = try await calls.send(HTTPCall(.delete, url), expecting: [200, 204])
      }
    } catch  where error.kind == .notFound && !error.isAboutBucket {}
  }

  /// Sends a call that is answered with an object.
  func object(of call: HTTPCall) async throws(FailedAttempt<GoogleError>) -> CloudObject {
    let field = try GoogleCalls.json(try await calls.send(call, expecting: [200]))
    return try GoogleCalls.read { () throws(JSONField.Problem) in try CloudObject(field) }
  }

  /// The address of an object below `path`.
  func objectURL(
    _ name: String, _ query: [(String, String)], below path: String = "/storage/v1"
  ) throws(FailedAttempt<GoogleError>) -> String {
    url("\(path)/b/\(settings.bucket)/o/\(URLText.escaped(try Self.checked(name)))", query)
  }

  /// An address with `query`, its values escaped.
  func url(_ path: String, _ query: [(String, String)], isJSON: Bool = true) -> String {
    let query = query.map { (name: $0.0, value: $0.1) } + (isJSON ? [(name: "prettyPrint", value: "false")] : [])
    return settings.baseURL + path + "?" + URLText.joined(query)
  }

  static func checked(_ name: String) throws(FailedAttempt<GoogleError>) -> String {
    guard (1...longestName).contains(name.utf8.count), PlainText.holds(name), ![".", ".."].contains(name) else {
      throw FailedAttempt(
        GoogleError(.invalid, "an object's name must have 1 to \(longestName) bytes and no control characters"))
    }
    return name
  }

  /// How long a call with so many bytes may take: a minute, and a second for every 128 KiB up to an hour.
  static func timeLimit(for bytes: Int64) -> Duration { .seconds(60 + min(bytes / 131_072, 3_600)) }
}

extension GoogleError {
  /// Whether it is the bucket that is missing. Google has the same word for both.
  var isAboutBucket: Bool {
    let message = message.lowercased()
    return kind == .notFound && message.contains("bucket") && message.contains("does not exist")
      && !message.contains("object")
  }
}
