import Formats
import Values

/// Sends calls to one of Google's APIs with a token, if it takes one.
struct GoogleCalls: Sendable {
  let transport: any HTTPTransport
  /// Where tokens come from; nil for a server that wants none.
  let tokens: GoogleTokens?
  let retry: GoogleRetry

  /// Sends a call once, and once more with another token where Google does not take the first one. Throws for an answer
  /// whose status is not in `expected`.
  func send(
    _ call: HTTPCall, expecting expected: Set<Int>
  ) async throws(FailedAttempt<GoogleError>) -> HTTPAnswer {
    try await authorized(call, expecting: expected) { call throws(FailedAttempt<GoogleError>) in
      do throws(TransportError) {
        return try await transport.send(call)
      } catch {
        throw FailedAttempt(unanswered: error)
      }
    }
  }

  /// Sends a call as ``send(_:expecting:)`` does, by `exchange`.
  func authorized(
    _ call: HTTPCall, expecting expected: Set<Int>,
    _ exchange: (HTTPCall) async throws(FailedAttempt<GoogleError>) -> HTTPAnswer
  ) async throws(FailedAttempt<GoogleError>) -> HTTPAnswer {
    var call = call
    call.bearerToken = try await token()
    var answer = try await exchange(call)
    if answer.status == 401, let tokens, let token = call.bearerToken {
      await tokens.discard(token)
      call.bearerToken = try await self.token()
      answer = try await exchange(call)
    }
    guard expected.contains(answer.status) else { throw FailedAttempt(answer, hiding: call.bearerToken) }
    return answer
  }

  private func token() async throws(FailedAttempt<GoogleError>) -> Secret? {
    guard let tokens else { return nil }
    do throws(GoogleError) {
      return try await tokens.token()
    } catch {
      // It was tried several times already.
      throw FailedAttempt(error)
    }
  }

  /// Reads an answer's JSON. Where it breaks off, the call may be repeated.
  static func json(_ answer: HTTPAnswer) throws(FailedAttempt<GoogleError>) -> JSONField {
    do {
      return JSONField(try JSONReader.read(answer.body) { try $0.readValue() }, at: "")
    } catch {
      throw FailedAttempt(GoogleError(.unreadable, "it is not JSON: \(error)"), repeatAfter: .zero)
    }
  }

  /// Takes an answer apart, turning a field that is not as documented into an error.
  static func read<Value>(
    _ body: () throws(JSONField.Problem) -> Value
  ) throws(FailedAttempt<GoogleError>) -> Value {
    do {
      return try body()
    } catch {
      throw FailedAttempt(GoogleError(.unreadable, "\(error.path): \(error.value) \(error.rule)"))
    }
  }
}
