import Foundation

/// The parameters of the URL on which a visitor arrived.
struct LandingPage {
  /// The longest URL that is parsed, in bytes.
  static let limit = 4096

  private let parameters: [(name: String, value: String)]

  /// Parses a URL; one without a query, or one that is too long, has no parameters.
  init(_ address: String) {
    guard address.utf8.count <= Self.limit, let mark = address.firstIndex(of: "?") else {
      parameters = []
      return
    }
    let query = address[address.index(after: mark)...].prefix { $0 != "#" }
    parameters = query.split(separator: "&").compactMap { pair in
      let sides = pair.split(separator: "=", maxSplits: 1)
      guard sides.count == 2, let value = Self.decoded(sides[1]), !value.isEmpty else { return nil }
      return (String(sides[0]), value)
    }
  }

  /// The first value of a parameter.
  func value(of name: String) -> String? {
    parameters.first { $0.name == name }?.value
  }

  private static func decoded(_ text: Substring) -> String? {
    String(text).replacing("+", with: " ").removingPercentEncoding
  }
}
