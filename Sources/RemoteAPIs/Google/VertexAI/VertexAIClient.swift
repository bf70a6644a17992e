import Formats
import HTTPTypes
import Values

/// Asks models of Vertex AI.
package struct VertexAIClient: Sendable {
  /// What a model is asked to do: the word behind its name in the address.
  package enum Method: String, Sendable {
    case predict, embedContent
  }

  private let settings: VertexAISettings
  private let calls: GoogleCalls

  /// `tokens` is nil for a server that wants none. Of `retry` the clock is taken: the rules are Vertex AI's own.
  package init(
    settings: VertexAISettings, transport: any HTTPTransport, tokens: GoogleTokens?, retry: GoogleRetry
  ) {
    self.settings = settings
    var rules = GoogleRetry.Rules()
    rules.attempts = 5
    calls = GoogleCalls(transport: transport, tokens: tokens, retry: retry.with(rules))
  }

  /// Asks `model`, and returns its answer. `timeLimit` and `largestAnswer` are of one attempt.
  func answer(
    of model: String, to method: Method, _ body: JSONValue, timeLimit: Duration = .seconds(60),
    largestAnswer: Int = 8 << 20
  ) async throws(GoogleError) -> JSONField {
    guard VertexAISettings.isName(model) else {
      throw GoogleError(.invalid, "the model's name \(VertexAISettings.nameRule)")
    }
    var writer = JSONWriter()
    body.write(to: &writer)
    let path = "/v1/projects/\(settings.project)/locations/\(settings.location)/publishers/google/models/"
    let call = HTTPCall(
      .post, "\(settings.baseURL)\(path)\(model):\(method.rawValue)", headers: [.contentType: "application/json"],
      body: .bytes(writer.bytes), timeLimit: timeLimit, largestAnswer: largestAnswer)
    return try await calls.retry.run { _ throws(FailedAttempt<GoogleError>) in
      try GoogleCalls.json(try await calls.send(call, expecting: [200]))
    }
  }
}
