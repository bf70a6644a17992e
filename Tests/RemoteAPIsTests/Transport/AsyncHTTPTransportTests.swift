import FakeHubSpot
import HTTPTypes
import RemoteAPIs
import Sandbox
import TestKit
import Testing

/// The transport over a real network, against the fake HubSpot.
struct AsyncHTTPTransportTests {
  private let fake = FakeHubSpot(clock: ManualClock().now)

  private func send(_ change: @escaping @Sendable (inout HTTPCall) -> Void) async throws -> HTTPAnswer {
    let fake = fake
    let transport = AsyncHTTPTransport()
    let result = try await fake.serve { url -> Result<HTTPAnswer, TransportError> in
      var call = HTTPCall(.get, url + "/crm/v3/pipelines/deals", bearerToken: Secret(fake.token))
      change(&call)
      do throws(TransportError) {
        return .success(try await transport.send(call))
      } catch {
        return .failure(error)
      }
    }
    await transport.shutDown()
    return try result.get()
  }

  @Test("An answer comes with its status, headers and body, whatever the status")
  func answers() async throws {
    let answer = try await send { _ in }
    #expect(answer.status == 200)
    #expect(answer.header("x-hubspot-ratelimit-max") == "190")
    #expect(answer.body.first == UInt8(ascii: "{"))
    let refusal = try await send { $0.bearerToken = nil }
    #expect(refusal.status == 401)
  }

  @Test("A body is sent with its headers, and a token cannot end its line")
  func bodies() async throws {
    _ = try await send { call in
      call.method = .post
      call.body = .bytes(Array("{}".utf8))
      call.setHeader("X-Test", "yes")
      call.setHeader("not a name", "no")
      call.bearerToken = Secret("a\r\nX-Evil: b")
    }
    let request = try #require(fake.requests.first)
    #expect(request.method == "POST")
    #expect(request.body == Array("{}".utf8))
    #expect(request.authorization == "Bearer a  X-Evil: b")
  }

  @Test("A body that breaks off is an error")
  func truncated() async throws {
    fake.failNext(.truncated)
    await #expect(throws: TransportError.truncated) { try await send { _ in } }
  }

  @Test("A body larger than allowed is an error")
  func tooLarge() async throws {
    await #expect(throws: TransportError.tooLarge(limit: 100)) { try await send { $0.largestAnswer = 100 } }
  }

  @Test(
    "An answer that never comes, or never ends, ends with the time limit", arguments: [PortalFault.never, .stalled])
  func never(_ fault: PortalFault) async throws {
    fake.failNext(fault)
    await #expect(throws: TransportError.timedOut(limit: .milliseconds(100))) {
      try await send { $0.timeLimit = .milliseconds(100) }
    }
  }

  @Test("A slow answer within the time limit is an answer")
  func slow() async throws {
    fake.setFaults { $0.delayMilliseconds = 20 }
    fake.failNext(.slow)
    #expect(try await send { _ in }.status == 200)
  }

  @Test("A host that does not listen is not reached")
  func refused() async throws {
    let error = await #expect(throws: TransportError.self) { try await send { $0.url = "http://127.0.0.1:1/" } }
    guard case .connectionFailed = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("Addresses that are none are told apart", arguments: ["", "nowhere", "ftp://127.0.0.1/", "http:///x"])
  func addresses(_ url: String) async throws {
    let error = await #expect(throws: TransportError.self) { try await send { $0.url = url } }
    guard case .invalidCall = error else {
      Issue.record("\(url): \(String(describing: error))")
      return
    }
  }

  @Test("A cancelled task's call ends at once")
  func cancelled() async throws {
    let fake = fake
    fake.failNext(.never)
    let transport = AsyncHTTPTransport()
    let error = try await fake.serve { url -> TransportError? in
      let task = Task { () -> TransportError? in
        do throws(TransportError) {
          _ = try await transport.send(HTTPCall(.get, url + "/"))
          return nil
        } catch {
          return error
        }
      }
      while fake.requests.isEmpty { await Task.yield() }
      task.cancel()
      return await task.value
    }
    await transport.shutDown()
    #expect(error == .cancelled)
  }
}
