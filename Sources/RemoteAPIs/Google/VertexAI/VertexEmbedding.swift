import Formats
import Values

/// What vectors are for: a model places a text differently for each. Vectors of different tasks are never compared.
package enum VertexEmbeddingTask: String, Sendable {
  case semanticSimilarity = "SEMANTIC_SIMILARITY"
  case retrievalDocument = "RETRIEVAL_DOCUMENT"
  case retrievalQuery = "RETRIEVAL_QUERY"
}

/// A model of Vertex AI's that makes vectors, and what it is asked for.
package struct VertexEmbeddingModel: Hashable, Sendable {
  /// Such as `text-embedding-005` or `gemini-embedding-001`.
  package let name: String
  /// How many components the vectors have.
  package let dimension: Int
  package let task: VertexEmbeddingTask
  /// The title of all texts; only for documents.
  package let title: String?

  package init(
    name: String, dimension: Int = 384, task: VertexEmbeddingTask = .semanticSimilarity, title: String? = nil
  ) {
    self.name = name
    self.dimension = dimension
    self.task = task
    self.title = title
  }

  package static let usualName = "text-embedding-005"

  /// Texts of one call. The models of the Gemini family take one.
  var textsPerCall: Int { isGemini ? 1 : 250 }

  /// Tokens of one call, and of one text.
  static let tokensPerCall = 20_000
  static let tokensPerText = 2_048

  /// Google's own library decides by the same words which of two methods a model has.
  var isGemini: Bool { name.contains("gemini") }

  /// How vectors of this are called where they are kept: those of another task have another name.
  var storedName: String { task == .semanticSimilarity ? name : "\(name) \(task.rawValue)" }

  var method: VertexAIClient.Method { isGemini ? .embedContent : .predict }

  /// The body of a call for `texts`, of which a Gemini model takes one. A text that is too long is refused rather than
  /// cut.
  func body(_ texts: [String]) -> JSONValue {
    let title = self.title.map { [JSONObject.Member(key: "title", value: .string($0))] } ?? []
    if isGemini {
      let task = [JSONObject.Member(key: "taskType", value: .string(self.task.rawValue))]
      let parts = texts.map { JSONValue.object(["text": .string($0)]) }
      return [
        "content": ["parts": .array(parts), "role": "user"],
        "embedContentConfig": .object(JSONObject(task + title + limits)),
      ]
    }
    let instances = texts.map { text in
      let members = [
        JSONObject.Member(key: "content", value: .string(text)),
        JSONObject.Member(key: "task_type", value: .string(task.rawValue)),
      ]
      return JSONValue.object(JSONObject(members + title))
    }
    return ["instances": .array(instances), "parameters": .object(JSONObject(limits))]
  }

  private var limits: [JSONObject.Member] {
    [
      JSONObject.Member(key: "outputDimensionality", value: .number("\(dimension)")),
      JSONObject.Member(key: "autoTruncate", value: false),
    ]
  }

  /// The vectors of an answer to `count` texts, each of length 1.
  func vectors(_ answer: JSONField, count: Int) throws(JSONField.Problem) -> [[Float]] {
    if isGemini { return [try vector(try answer.member("embedding").member("values"))] }
    let predictions = try answer.member("predictions")
    let elements = try predictions.elements()
    guard elements.count == count else {
      throw JSONField(.number("\(elements.count)"), at: "predictions").problem("must be \(count) elements")
    }
    return try elements.map { element throws(JSONField.Problem) in
      try vector(try element.member("embeddings").member("values"))
    }
  }

  /// A model of which less than all components are asked may answer with vectors of another length than 1.
  private func vector(_ field: JSONField) throws(JSONField.Problem) -> [Float] {
    guard case .array(let values) = field.value else { throw field.problem("must be an array") }
    guard values.count == dimension else {
      throw JSONField(.number("\(values.count)"), at: field.path).problem("must be \(dimension) numbers")
    }
    var numbers: [Double] = []
    numbers.reserveCapacity(values.count)
    for value in values {
      guard let number = value.doubleValue, number.isFinite else {
        throw JSONField(value, at: field.path).problem("must be finite numbers")
      }
      numbers.append(number)
    }
    // Neither very large nor very small components may leave the range of their squares.
    let largest = numbers.reduce(0) { max($0, $1.magnitude) }
    guard largest > 0 else { throw JSONField(.number("0"), at: field.path).problem("must not be zeros alone") }
    let scaled = numbers.map { $0 / largest }
    let length = scaled.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return scaled.map { Float($0 / length) }
  }
}
