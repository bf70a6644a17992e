import Formats
import Values

/// A request to the Graph API, from the network or out of a batch.
struct GraphCall: Sendable {
  let method: String
  /// The version of the API, such as `v26.0`.
  let version: String
  /// The parts of the path behind the version.
  let path: [String]
  /// The parameters of query and body; a later one replaces an earlier one of its name.
  var parameters: [String: String]
  /// The files of the body.
  let files: [String: MultipartForm.File]
  /// The parameters of the query as they came, for links to further pages.
  let query: [(name: String, value: String)]
  /// The token of the Authorization header.
  let headerToken: String?
  /// What links to further pages begin with.
  let host: String

  /// The version of requests that name none, and the one that is current.
  static let currentVersion = "v26.0"
  /// The versions that are answered.
  static let versions = ["v25.0", "v26.0", "v27.0"]

  init(_ request: SandboxRequest) throws(GraphError) {
    let query = FormText.pairs(request.rawQuery ?? "")
    var parameters = Dictionary(query.map { ($0.name, $0.value) }) { $1 }
    let parts = MultipartForm(request.body, contentType: request.contentType ?? "")
    let form = if let parts { parts.fields } else { try Self.form(request) }
    parameters.merge(form) { $1 }
    try self.init(
      method: request.method, parts: request.parts, parameters: parameters, query: query,
      files: parts?.files ?? [:], token: Self.token(request.authorization),
      host: request.host ?? "localhost")
  }

  /// A request of a batch, which goes by the batch's token and version.
  init(batched item: JSONValue, in batch: GraphCall) throws(GraphError) {
    guard let method = item["method"]?.stringValue, let url = item["relative_url"]?.stringValue
    else {
      throw .invalid(
        "each request of a batch must have a method and a relative_url", field: "batch")
    }
    let parts = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let query = FormText.pairs(parts.count > 1 ? String(parts[1]) : "")
    var parameters = Dictionary(query.map { ($0.name, $0.value) }) { $1 }
    for (name, value) in FormText.pairs(item["body"]?.stringValue ?? "") {
      parameters[name] = value
    }
    for name in ["access_token", "appsecret_proof"] where parameters[name] == nil {
      parameters[name] = batch.parameters[name]
    }
    let path = (parts.first ?? "").split(separator: "/").map { FormText.decoded($0) }
    try self.init(
      method: method.uppercased(),
      parts: path.first.map(Self.isVersion) == true ? path : [batch.version] + path,
      parameters: parameters, query: query, files: [:], token: batch.headerToken, host: batch.host)
  }

  private init(
    method: String, parts: [String], parameters: [String: String],
    query: [(name: String, value: String)],
    files: [String: MultipartForm.File], token: String?, host: String
  ) throws(GraphError) {
    self.method = method
    let names = parts.first.map(Self.isVersion) == true
    version = names ? parts[0] : Self.currentVersion
    path = names ? Array(parts[1...]) : parts
    self.parameters = parameters
    self.query = query
    self.files = files
    headerToken = token
    self.host = host
    guard Self.versions.contains(version) else {
      throw GraphError(
        code: 2_635,
        message:
          "(#2635) You are calling a deprecated version of the Ads API. Please update to the latest version: "
          + "\(Self.currentVersion).")
    }
  }

  private static func isVersion(_ part: String) -> Bool {
    part.first == "v" && part.dropFirst().first?.isNumber == true && part.contains(".")
  }

  private static func token(_ authorization: String?) -> String? {
    let parts = (authorization ?? "").split(separator: " ", maxSplits: 1)
    return parts.count == 2 && ["bearer", "oauth"].contains(parts[0].lowercased())
      ? String(parts[1]) : nil
  }

  /// The parameters of a body: a form, or an object of JSON whose values that are no strings count as their JSON.
  private static func form(_ request: SandboxRequest) throws(GraphError) -> [String: String] {
    guard !request.body.isEmpty else { return [:] }
    if request.contentType?.lowercased().hasPrefix("application/json") == true {
      guard case .object(let object)? = JSONValue.parsed(request.body) else {
        throw .invalid("the body is no JSON object")
      }
      return Dictionary(
        object.members.map {
          ($0.key, $0.value.stringValue ?? String(decoding: $0.value.bytes, as: UTF8.self))
        }
      ) { $1 }
    }
    return Dictionary(
      FormText.pairs(String(decoding: request.body, as: UTF8.self)).map { ($0.name, $0.value) }
    ) { $1 }
  }

  /// The token that the caller shows.
  var token: String? { parameters["access_token"] ?? headerToken }

  /// A whole number of a parameter; nil where there is none.
  func number(_ name: String) throws(GraphError) -> Int64? {
    guard let text = parameters[name] else { return nil }
    guard let number = Int64(text) else {
      throw .invalid("Param \(name) must be an integer", field: name)
    }
    return number
  }

  /// A list: JSON, or separated by commas.
  func list(_ name: String) throws(GraphError) -> [String]? {
    guard let text = parameters[name] else { return nil }
    guard text.hasPrefix("[") else { return text.split(separator: ",").map(String.init) }
    guard let values = JSONValue.parsed(text)?.arrayValue else {
      throw .invalid("Param \(name) must be an array", field: name)
    }
    return values.map { $0.stringValue ?? String(decoding: $0.bytes, as: UTF8.self) }
  }

  /// The address of the page behind `cursor`, with everything that was asked for, the token included.
  func nextPage(after cursor: String) -> String {
    var pairs = query.filter { $0.name != "after" }
    for (name, value) in parameters.sorted(by: { $0.key < $1.key })
    where name != "after" && !pairs.contains(where: { $0.name == name }) {
      pairs.append((name, value))
    }
    pairs.append(("after", cursor))
    let text = pairs.map { "\(FormText.encoded($0.name))=\(FormText.encoded($0.value))" }.joined(
      separator: "&")
    return "http://\(host)/\(version)/\(path.joined(separator: "/"))?\(text)"
  }
}
