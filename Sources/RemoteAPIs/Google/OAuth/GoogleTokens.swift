import HTTPTypes
import Values

/// Access tokens for Google's APIs: fetched when they are needed, kept until shortly before their end, and fetched once
/// however many wait for one. A token is never printed.
package actor GoogleTokens {
  /// What tokens are good for.
  package static let scope = "https://www.googleapis.com/auth/cloud-platform"
  /// Seconds before a token's end at which another one is fetched, as Google's own libraries do.
  private static let margin: Int64 = 225

  private let credential: GoogleCredential
  private let transport: any HTTPTransport
  private let retry: GoogleRetry
  private var kept: (token: Secret, freshUntil: Instant)?
  private var waiting: [UInt64: CheckedContinuation<Result<Secret, GoogleError>, Never>] = [:]
  private var lastWaiter: UInt64 = 0
  private var isFetching = false

  /// Gets tokens by `credential`, of which nothing is asked yet.
  package init(credential: GoogleCredential, transport: any HTTPTransport, retry: GoogleRetry) {
    self.credential = credential
    self.transport = transport
    var rules = GoogleRetry.Rules()
    rules.attempts = 4
    rules.total = .seconds(30)
    self.retry = retry.with(rules)
  }

  /// A token that is good for some minutes.
  package func token() async throws(GoogleError) -> Secret {
    if let kept, retry.now() < kept.freshUntil { return kept.token }
    lastWaiter += 1
    let waiter = lastWaiter
    let result: Result<Secret, GoogleError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if Task.isCancelled {
          continuation.resume(returning: .failure(.cancelled))
        } else {
          waiting[waiter] = continuation
          beginFetching()
        }
      }
    } onCancel: {
      Task { await self.stopWaiting(waiter) }
    }
    return try result.get()
  }

  /// Forgets a token that an API refused, unless another one has taken its place.
  func discard(_ token: Secret) {
    if kept?.token == token { kept = nil }
  }

  private func stopWaiting(_ waiter: UInt64) {
    waiting.removeValue(forKey: waiter)?.resume(returning: .failure(.cancelled))
  }

  /// The fetch belongs to nobody who waits: the cancellation of one must not take the token from the others.
  private func beginFetching() {
    guard !isFetching else { return }
    isFetching = true
    Task {
      let result: Result<Secret, GoogleError>
      do throws(GoogleError) {
        result = .success(try await fetch())
      } catch {
        result = .failure(error)
      }
      isFetching = false
      let waiters = waiting.values
      waiting = [:]
      for waiter in waiters { waiter.resume(returning: result) }
    }
  }

  private func fetch() async throws(GoogleError) -> Secret {
    let call = try await call()
    let source = credential
    let grant = try await retry.run { [transport] _ throws(FailedAttempt<GoogleError>) in
      let answer: HTTPAnswer
      do throws(TransportError) {
        answer = try await transport.send(call)
      } catch {
        throw TokenGrant.unanswered(error, by: source)
      }
      return try TokenGrant.read(answer, from: source)
    }
    // A token that lasts for less than twice the margin is used for half of its time.
    let fresh = max(grant.lifetime - Self.margin, grant.lifetime / 2)
    kept = (grant.token, retry.now().adding(seconds: fresh))
    return grant.token
  }

  private func call() async throws(GoogleError) -> HTTPCall {
    switch credential {
    case .serviceAccount(let key):
      let assertion = ServiceAccountAssertion(email: key.email, scope: Self.scope, at: retry.now())
      return TokenGrant.call(showing: try await assertion.signed(with: key), to: key.tokenURL)
    case .metadataServer(let host):
      return TokenGrant.call(toMetadataServer: host)
    }
  }
}
