import Accounts
import App
import AppTestKit
import HTTPTypes
import TestKit
import Testing
import Values
import Web

/// How many requests an account may send.
struct RequestRateTests {
  @Test("An account may send its burst, then as many as the rate lets in", arguments: [1 as UInt64, 2, 3, 4, 5])
  func rate(_ seed: UInt64) async throws {
    let test = try await TestSystem()
    var random = SeededRandom(seed: seed)
    let rate = RequestRate(
      perMinute: Int.random(in: 1...600, using: &random), burst: Int.random(in: 1...20, using: &random))
    try await test.system.lifecycle.setRate(rate, of: test.account, by: .system)
    let key = try await test.system.keys.create(for: test.account, role: .viewer)
    let start = test.clock.now()
    var taken = 0
    for _ in 0..<300 {
      do {
        _ = try await test.system.keys.principal(bearerToken: key)
        taken += 1
      } catch let refusal as AuthenticationError {
        let error = refusal.apiError
        #expect(error.status == .tooManyRequests)
        #expect(error.code == "rate_limited")
        let wait = try #require(error.retryAfter)
        #expect(wait >= 1 && Double(wait) <= 60 / Double(rate.perMinute) + 1)
        test.clock.advance(seconds: Int64(wait))
        _ = try await test.system.keys.principal(bearerToken: key)
        taken += 1
      }
      let seconds = Double(test.clock.now().seconds - start.seconds)
      #expect(Double(taken) <= Double(rate.burst) + seconds * Double(rate.perMinute) / 60 + 0.001)
    }
  }

  @Test("Who sends too much is told when to come back; others and open endpoints are not held up")
  func answer() async throws {
    let test = try await TestSystem()
    let other = try #require(AccountID("other"))
    try await test.system.accounts.create(other)
    try await test.system.lifecycle.setRate(RequestRate(perMinute: 20, burst: 2), of: test.account, by: .system)
    let otherKey = try await test.system.keys.create(for: other, role: .viewer)
    try await test.serving(as: .viewer) { api in
      for _ in 0..<2 {
        let taken = try await api.send(.get, "/api/jobs")
        #expect(taken.status == 200)
      }
      let answer = try await api.send(.get, "/api/jobs")
      #expect(try answer.refusal().status == 429)
      #expect(answer.headers[.retryAfter] == "3")
      #expect(try await api.with(key: otherKey).send(.get, "/api/jobs").status == 200)
      for path in ["/healthz", "/readyz", "/metrics", "/openapi.json"] {
        #expect(try await api.send(.get, path).status == 200, "\(path)")
      }
      test.clock.advance(seconds: 3)
      #expect(try await api.send(.get, "/api/jobs").status == 200)
      #expect(try await api.send(.get, "/api/jobs").status == 429)
    }
  }
}
