/// A page endpoint's answer to a browser.
package struct PageReply: Sendable {
  /// With which method a browser follows a redirect.
  package enum Redirect: Int, Sendable {
    /// With the same method.
    case found = 302
    /// With GET, as after a form.
    case seeOther = 303
  }

  /// What a page may load: only files of this server, and no scripts or styles within the page. No other site may show
  /// it in a frame, and its forms are sent nowhere else.
  package static let strictPolicy = """
    default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
    connect-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'
    """

  let reply: Reply

  /// Answers with a page. A page that reports an error has an error status as well.
  package static func page(
    _ html: String, refusing status: APIError.Status? = nil, policy: String = strictPolicy
  ) -> PageReply {
    file(Array(html.utf8), contentType: "text/html; charset=utf-8", policy: policy).having {
      $0.status = status?.rawValue
    }
  }

  /// Answers with a file used by pages. It is not cached, unless `maxAge` allows the browser to do so for that many
  /// seconds.
  package static func file(
    _ bytes: [UInt8], contentType: String, maxAge: Int? = nil, policy: String = strictPolicy
  ) -> PageReply {
    PageReply(
      reply: Reply(bytes: bytes, contentType: contentType)
        .with("Content-Security-Policy", policy)
        .with("Cache-Control", maxAge.map { "private, max-age=\(max(0, $0))" } ?? "no-store")
    ).guarded
  }

  /// Redirects the browser to another page of this server.
  package static func redirect(to path: LocalPath, _ redirect: Redirect = .seeOther) -> PageReply {
    PageReply(
      reply: Reply(bytes: [], contentType: "text/plain; charset=utf-8").with("Location", path.value)
        .with("Cache-Control", "no-store")
    ).guarded.having { $0.status = redirect.rawValue }
  }

  /// Answers with events as they occur; see ``Reply/init(events:)``.
  package static func events(_ events: some AsyncSequence<ServerEvent, any Error> & Sendable) -> PageReply {
    PageReply(reply: Reply(events: events)).guarded
  }

  /// The same answer, which also sets a cookie.
  package func setting(_ cookie: Cookie) -> PageReply {
    having { $0.cookies.append(cookie) }
  }

  /// Browsers must not guess another media type, and must not tell other sites where they came from.
  ///
  /// With `no-referrer` browsers would also leave out the origin of forms.
  private var guarded: PageReply {
    PageReply(
      reply: reply.with("X-Content-Type-Options", "nosniff").with("Referrer-Policy", "same-origin"))
  }

  private func having(_ change: (inout Reply) -> Void) -> PageReply {
    var reply = reply
    change(&reply)
    return PageReply(reply: reply)
  }
}

extension Endpoint {
  /// An operation for people with a browser: it gets cookies, and answers with a page, a file of a page, a redirect or
  /// events. No other operation does so, and the API's document contains none of these.
  package static func page(
    _ method: Method, _ path: String, operationID: String, access: Access = .open, query: [QueryParameter] = [],
    headers: [String] = [], request: Schema? = nil, bodyLimit: Int = Self.usualBodyLimit, upload: Upload? = nil,
    handle: @escaping @Sendable (Call) async throws -> PageReply
  ) -> Endpoint {
    var endpoint = Endpoint(
      method, path, operationID: operationID, summary: "", tag: "Pages", access: access, query: query,
      headers: headers + ["cookie"], request: request, bodyLimit: bodyLimit, upload: upload, response: .string("")
    ) { try await handle($0).reply }
    endpoint.isPage = true
    return endpoint
  }
}
