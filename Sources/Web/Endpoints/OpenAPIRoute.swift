import Formats

/// `/openapi.json`, which describes the other endpoints and itself.
package enum OpenAPIRoute {
  /// The endpoint; its document is built once.
  package static func endpoint(describing others: [Endpoint], version: String) -> Endpoint {
    let itself = self.itself { _ in Reply(json: []) }
    let document = JSONWriter.pretty(OpenAPIDocument(endpoints: others + [itself], version: version).json)
    let bytes = Array(document.utf8)
    return self.itself { _ in Reply(json: bytes) }
  }

  private static func itself(_ handle: @escaping @Sendable (Call) async throws -> Reply) -> Endpoint {
    Endpoint(
      .get, "/openapi.json", operationID: "openapi", summary: "This description.", tag: "Operations",
      access: .open, response: .map("An OpenAPI 3.1 document.", of: .anything), handle: handle)
  }
}
