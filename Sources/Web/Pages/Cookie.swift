/// A cookie that a page sets. Scripts of a page cannot read it (`HttpOnly`).
package struct Cookie: Sendable {
  /// Which requests from other sites carry the cookie.
  package enum SameSite: String, Sendable {
    /// None.
    case strict = "Strict"
    /// Those that follow a link.
    case lax = "Lax"
  }

  /// The rule for cookies, in words.
  package static let rule = """
    a cookie's name has 1 to 64 letters, digits, '_' or '-', its value at most \(mostBytes) visible ASCII characters \
    without '"', ',', ';' and a backslash
    """
  private static let mostBytes = 3_800

  /// The value of the `Set-Cookie` header.
  let setting: String

  /// A cookie for `path` and everything below it.
  ///
  /// - `maxAge` is the number of seconds for which the browser keeps it; nil until the browser is closed, 0 to delete
  ///   it.
  /// - `isSecure` restricts it to TLS, and to this machine.
  ///
  /// Throws ``InvalidCookie`` for what violates ``rule``.
  package init(
    _ name: String, _ value: String, maxAge: Int? = nil, path: LocalPath, sameSite: SameSite = .strict,
    isSecure: Bool = true
  ) throws(InvalidCookie) {
    guard Self.isName(name), Self.isValue(value), Self.isValue(path.value) else { throw InvalidCookie() }
    let age = maxAge.map { "; Max-Age=\(max(0, $0))" } ?? ""
    setting =
      "\(name)=\(value); Path=\(path)\(age); SameSite=\(sameSite.rawValue); HttpOnly\(isSecure ? "; Secure" : "")"
  }

  private static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  /// RFC 6265, section 4.1.1: cookie-octet.
  fileprivate static func isValue(_ text: some StringProtocol) -> Bool {
    text.utf8.count <= mostBytes && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !#"",;\"#.utf8.contains($0) }
  }
}

/// A cookie that cannot be set: a mistake in the program.
package struct InvalidCookie: Error, CustomStringConvertible {
  package var description: String { Cookie.rule }
}

extension Call {
  /// The most bytes of cookies that are read.
  private static let mostCookieBytes = 16 << 10

  /// The value of a cookie that a browser sent to a page; nil where there is none, where it violates ``Cookie/rule``,
  /// and where the name occurs twice, because a related site may have set the other one.
  package func cookie(_ name: String) -> String? {
    guard let header = headers["cookie"], header.utf8.count <= Self.mostCookieBytes else { return nil }
    let values = header.split(separator: ";").compactMap { pair -> Substring? in
      let sides = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return sides.count == 2 && sides[0] == name ? sides[1] : nil
    }
    guard values.count == 1, let value = values.first, Cookie.isValue(value) else { return nil }
    return String(value)
  }
}
