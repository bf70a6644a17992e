import Formats

/// An operation of the API as its document describes it.
struct FuzzOperation: Sendable {
  let method: String
  /// The path with its parameters in braces.
  let path: String
  /// The parameters of the query: their names and schemas.
  let query: [(name: String, schema: JSONValue)]
  /// Names of headers that it reads.
  let headers: [String]
  /// The schema of the body; nil for none.
  let body: JSONValue?
  /// The schemas of JSON answers by status; null for answers of other types.
  let answers: [Int: JSONValue]

  /// All operations of an OpenAPI document, in its order.
  static func all(in document: JSONValue) -> [FuzzOperation] {
    guard case .object(let paths)? = document["paths"] else { return [] }
    return paths.members.flatMap { path -> [FuzzOperation] in
      guard case .object(let operations) = path.value else { return [] }
      return operations.members.map { FuzzOperation($0.key.uppercased(), path.key, $0.value) }
    }
  }

  private init(_ method: String, _ path: String, _ operation: JSONValue) {
    self.method = method
    self.path = path
    let parameters = operation["parameters"]?.arrayValue ?? []
    let place = { (name: String) in parameters.filter { $0["in"]?.stringValue == name } }
    query = place("query").map { ($0["name"]?.stringValue ?? "", $0["schema"] ?? .null) }
    headers = place("header").compactMap { $0["name"]?.stringValue }
    body = operation["requestBody"]?["content"]?["application/json"]?["schema"]
    guard case .object(let responses)? = operation["responses"] else {
      answers = [:]
      return
    }
    answers = responses.members.reduce(into: [:]) { answers, response in
      guard let status = Int(response.key) else { return }
      answers[status] = response.value["content"]?["application/json"]?["schema"] ?? .null
    }
  }
}
