/// Where models are asked, and on whose account.
package struct VertexAISettings: Equatable, Sendable {
  /// The project that pays.
  package let project: String
  /// A region such as `us-central1`, or `global`, `us` or `eu`.
  package let location: String
  /// The address of the service, without a trailing slash.
  package let baseURL: String

  package static let usualLocation = "us-central1"

  /// Nil where `project` or `location` does not follow its rule. `baseURL` takes the place of Google's own address, for
  /// proxies and tests.
  package init?(project: String, location: String = Self.usualLocation, baseURL: String? = nil) {
    guard Self.isName(project), Self.isName(location) else { return nil }
    self.project = project
    self.location = location
    self.baseURL = baseURL ?? Self.address(of: location)
  }

  /// What a project's id, a location and a model's name must be, in words.
  package static let nameRule = "must be 1 to 100 lower-case letters, digits and characters of -._:@"

  /// Whether `name` follows ``nameRule``, and so can stand in an address.
  package static func isName(_ name: String) -> Bool {
    (1...100).contains(name.utf8.count) && ![".", ".."].contains(name)
      && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || "-._:@".utf8.contains($0) }
  }

  private static func address(of location: String) -> String {
    switch location {
    case "global": "https://aiplatform.googleapis.com"
    case "us", "eu": "https://aiplatform.\(location).rep.googleapis.com"
    default: "https://\(location)-aiplatform.googleapis.com"
    }
  }
}
