import App
import AppTestKit
import Formats
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Testing
import Web

/// Pages, redirects and cookies, as a browser meets them.
struct PageTests {
  private static func endpoints() -> [Endpoint] {
    [
      .page(.get, "/", operationID: "home") { call in
        guard let name = call.cookie("name") else { return .redirect(to: try #require(LocalPath("/sign-in?from=%2F"))) }
        return .page("<p>\(name)</p>")
      },
      .page(.get, "/sign-in", operationID: "signInPage") { _ in .page("<form></form>", refusing: .unauthorized) },
      .page(.post, "/sign-in", operationID: "signIn") { _ in
        let home = try #require(LocalPath("/"))
        return PageReply.redirect(to: home)
          .setting(try Cookie("name", "anna", maxAge: 3_600, path: home, sameSite: .lax, isSecure: false))
          .setting(try Cookie("hint", "1", path: try #require(LocalPath("/sign-in"))))
      },
      .page(.get, "/style.css", operationID: "style") { _ in
        .file(Array("p {}".utf8), contentType: "text/css", maxAge: 60)
      },
      .page(.get, "/elsewhere", operationID: "elsewhere") { _ in
        .redirect(to: try #require(LocalPath("/#top")), .found)
      },
      Endpoint(
        .post, "/api/things", operationID: "things", summary: "", tag: "", access: .open, request: .anything,
        bodyLimit: 10, response: .string("")
      ) { call in Reply(text: "\(call.body.count) \(call.cookie("name") ?? "none")", contentType: "text/plain") },
    ]
  }

  private func serving(_ body: @escaping @Sendable (TestAPI) async throws -> Void) async throws {
    let test = try await TestSystem()
    let router = EndpointRouter(
      endpoints: Self.endpoints(), authenticator: test.system.keys, metrics: test.system.requestMetrics
    ).router()
    try await Application(router: router, logger: Logger(label: "test")).test(.router) {
      try await body(TestAPI(client: $0, key: nil))
    }
  }

  @Test("A page is HTML that nobody keeps, that loads nothing from elsewhere and that no other site shows")
  func page() async throws {
    try await serving { api in
      let answer = try await api.send(.get, "/", headers: [.cookie: "other=1; name=anna"])
      #expect(answer.status == 200)
      #expect(String(decoding: answer.bytes, as: UTF8.self) == "<p>anna</p>")
      #expect(answer.headers[.contentType] == "text/html; charset=utf-8")
      #expect(answer.headers[.cacheControl] == "no-store")
      #expect(answer.headers[.xContentTypeOptions] == "nosniff")
      #expect(answer.headers[try #require(HTTPField.Name("Referrer-Policy"))] == "same-origin")
      let policy = try #require(answer.headers[.contentSecurityPolicy])
      for part in ["default-src 'none'", "script-src 'self'", "form-action 'self'", "frame-ancestors 'none'"] {
        #expect(policy.contains(part))
      }
      #expect(!policy.contains("unsafe"))
      let head = try await api.send(.head, "/", headers: [.cookie: "name=anna"])
      #expect(head.status == 200)
      #expect(head.bytes.isEmpty)
    }
  }

  @Test("A page may refuse; a file may be kept for a while")
  func statuses() async throws {
    try await serving { api in
      let refusal = try await api.send(.get, "/sign-in")
      #expect(refusal.status == 401)
      #expect(refusal.headers[.contentType] == "text/html; charset=utf-8")
      let file = try await api.send(.get, "/style.css")
      #expect(file.headers[.contentType] == "text/css")
      #expect(file.headers[.cacheControl] == "private, max-age=60")
      #expect(file.headers[.xContentTypeOptions] == "nosniff")
    }
  }

  @Test("A redirect leads to a path of this server, and may set cookies that no script sees")
  func redirects() async throws {
    try await serving { api in
      let away = try await api.send(.get, "/")
      #expect(away.status == 303)
      #expect(away.headers[.location] == "/sign-in?from=%2F")
      #expect(away.headers[.cacheControl] == "no-store")
      #expect(away.headers[values: .setCookie] == [])
      let found = try await api.send(.get, "/elsewhere")
      #expect(found.status == 302)
      #expect(found.headers[.location] == "/#top")
      let signedIn = try await api.send(.post, "/sign-in")
      #expect(signedIn.status == 303)
      #expect(
        signedIn.headers[values: .setCookie] == [
          "name=anna; Path=/; Max-Age=3600; SameSite=Lax; HttpOnly",
          "hint=1; Path=/sign-in; SameSite=Strict; HttpOnly; Secure",
        ])
    }
  }

  @Test("What is no page gets no cookies, and its body is bounded by its own limit")
  func api() async throws {
    try await serving { api in
      let answer = try await api.send(
        .post, "/api/things", bytes: Array(repeating: 0x20, count: 10), headers: [.cookie: "name=anna"])
      #expect(String(decoding: answer.bytes, as: UTF8.self) == "10 none")
      #expect(answer.headers[.contentSecurityPolicy] == nil)
      let refused = try await api.send(.post, "/api/things", bytes: Array(repeating: 0x20, count: 11))
      #expect(try refused.refusal().status == 413)
    }
  }

  @Test(
    "No path leads to another server",
    arguments: [
      "", "home", "//evil.example", "/\\evil.example", "\\/evil.example", "https://evil.example", "/\t/evil.example",
      "/a\r\nSet-Cookie: x=y", "/a b", "/ä", "/" + String(repeating: "a", count: 2_048), "\u{0}/",
    ])
  func foreignPaths(_ text: String) {
    #expect(LocalPath(text) == nil)
  }

  @Test("Paths of this server", arguments: ["/", "/a/b?c=%20d&e=//f#g", "/" + String(repeating: "a", count: 2_047)])
  func ownPaths(_ text: String) {
    #expect(LocalPath(text)?.value == text)
  }

  @Test(
    "A cookie that would break its header is not made",
    arguments: [
      ("", "a"), ("a b", "a"), ("a;", "a"), (String(repeating: "a", count: 65), "a"), ("a", "b c"), ("a", "b;c"),
      ("a", "b\r\nc"), ("a", "\"b\""), ("a", "ä"), ("a", String(repeating: "b", count: 3_801)),
    ])
  func refusedCookies(name: String, value: String) throws {
    let home = try #require(LocalPath("/"))
    #expect(throws: InvalidCookie.self) { try Cookie(name, value, path: home) }
  }

  @Test("A path that would add to a cookie's attributes is not taken")
  func cookiePath() throws {
    let path = try #require(LocalPath("/;Domain=evil.example"))
    #expect(throws: InvalidCookie.self) { try Cookie("a", "b", path: path) }
  }

  @Test(
    "Cookies are read by their names, within bounds, and never where a name comes twice",
    arguments: [
      ("a=1", "1"), ("b=2; a=1;c=3", "1"), ("a=", ""), ("a=x=y", "x=y"), ("b=1", nil), ("aa=1", nil), ("A=1", nil),
      ("a=1; a=2", nil), ("a=1; a=1", nil), ("a=\"1\"", nil), ("a=1,2", nil), ("a", nil), ("", nil),
      ("a=" + String(repeating: "1", count: 3_801), nil), ("a=1; b=" + String(repeating: "1", count: 16_384), nil),
    ] as [(String, String?)])
  func cookies(header: String, value: String?) {
    let call = Call(principal: nil, pathParameters: [:], headers: ["cookie": header], body: [])
    #expect(call.cookie("a") == value)
  }

  @Test("Pages are no part of the API's document, and other limits of bodies than the usual one are told there")
  func document() throws {
    let document = OpenAPIDocument(endpoints: Self.endpoints(), version: "1").json
    #expect(try document.at("paths").keys == ["/api/things"])
    let body = try #require(document["paths"]?["/api/things"]?["post"]?["requestBody"])
    #expect(try body.text("description") == "At most 10 bytes.")
    #expect(try document.text("info.description").contains("262144 bytes"))
  }
}
