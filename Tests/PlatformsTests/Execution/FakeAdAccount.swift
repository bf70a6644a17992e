import Formats
import HTTPTypes
import RemoteAPIs
import Synchronization
import TestKit
import Values

/// A small ad account behind Meta's own protocol: it keeps budgets and states, counts what is written, and loses, refuses
/// or ignores calls as it is told.
final class FakeAdAccount: HTTPTransport {
  struct Object: Sendable {
    let edge: String
    let parent: String?
    var status = "ACTIVE"
    var daily: Int64?
    var lifetime: Int64?
    var updatedAt: Instant
  }

  /// What becomes of the next write.
  enum Fault: Sendable {
    /// It is carried out, and its answer is lost.
    case lostAnswer
    /// It never arrives, and nobody knows.
    case lostCall
    /// It is refused with this code and subcode.
    case refused(Int, Int?)
    /// It is answered as done, and nothing is done.
    case ignored
  }

  struct Write: Hashable, Sendable {
    let id: String
    let form: String
    let at: Instant
  }

  private struct State {
    var objects: [String: Object] = [:]
    var faults: [Fault] = []
    var writes: [Write] = []
    var reads = 0
    var currency = "USD"
    var isReadable = true
    var beforeWrite: (@Sendable (Write) async -> Void)?
    var beforeRead: (@Sendable (_ id: String) -> Void)?
  }

  let clock: ManualClock
  private let state = Mutex(State())

  init(clock: ManualClock) {
    self.clock = clock
  }

  // MARK: The world

  /// Puts a campaign, ad set or ad there; edited long ago.
  func add(_ id: String, _ edge: String, in parent: String? = nil, daily: Int64? = nil, lifetime: Int64? = nil) {
    let object = Object(
      edge: edge, parent: parent, daily: daily, lifetime: lifetime, updatedAt: clock.now().adding(seconds: -864_000))
    state.withLock { $0.objects[id] = object }
  }

  /// Somebody changes an object in Ads Manager.
  func editByHand(_ id: String, _ change: @Sendable (inout Object) -> Void) {
    state.withLock { state in
      guard var object = state.objects[id] else { return }
      change(&object)
      object.updatedAt = clock.now()
      state.objects[id] = object
    }
  }

  func remove(_ id: String) { state.withLock { $0.objects[id] = nil } }

  func daily(_ id: String) -> Int64? { state.withLock { $0.objects[id]?.daily } }

  func status(_ id: String) -> String? { state.withLock { $0.objects[id]?.status } }

  var writes: [Write] { state.withLock(\.writes) }

  var reads: Int { state.withLock(\.reads) }

  func fail(next fault: Fault) { state.withLock { $0.faults.append(fault) } }

  func setReadable(_ isReadable: Bool) { state.withLock { $0.isReadable = isReadable } }

  func setCurrency(_ currency: String) { state.withLock { $0.currency = currency } }

  /// Has `body` run when a write has arrived, before it is carried out.
  func beforeWrite(_ body: @escaping @Sendable (Write) async -> Void) { state.withLock { $0.beforeWrite = body } }

  /// Has `body` run when an object is asked for by its own number, before it is looked up.
  func beforeRead(_ body: @escaping @Sendable (_ id: String) -> Void) { state.withLock { $0.beforeRead = body } }

  // MARK: The protocol

  func send(_ call: HTTPCall) async throws(TransportError) -> HTTPAnswer {
    guard call.bearerToken?.isSame(as: Self.token) == true else { return Self.refusal(190, nil) }
    let path = call.url.split(separator: "?")[0].split(separator: "/").dropFirst(3).map(String.init)
    guard let target = path.first else { return Self.refusal(2500, nil) }
    if call.method == .post { return try await write(target, call) }
    return try read(target, edge: path.dropFirst().first)
  }

  static let token = "EAAsecrettoken"

  private func read(_ id: String, edge: String?) throws(TransportError) -> HTTPAnswer {
    if edge == nil { state.withLock(\.beforeRead)?(id) }
    let (answer, isReadable) = state.withLock { state in
      state.reads += 1
      return (Self.answer(id, edge, state), state.isReadable)
    }
    guard isReadable else { throw .connectionFailed("the test says so") }
    return answer
  }

  private static func answer(_ id: String, _ edge: String?, _ state: State) -> HTTPAnswer {
    if id.hasPrefix("act_"), let edge {
      let found = state.objects.filter { $0.value.edge == edge }.sorted { $0.key < $1.key }
      return ok(["data": .array(found.map { json($0.key, $0.value, state) })])
    }
    if id.hasPrefix("act_") {
      return ok([
        "account_id": "1", "currency": .string(state.currency), "timezone_name": "UTC", "account_status": .number("1"),
        "min_daily_budget": .number("100"),
      ])
    }
    guard let object = state.objects[id] else { return refusal(100, 33) }
    return ok(json(id, object, state))
  }

  private static func json(_ id: String, _ object: Object, _ state: State) -> JSONValue {
    var members: [(key: String, value: JSONValue)] = [
      ("id", .string(id)), ("name", .string("Name of \(id)")), ("status", .string(object.status)),
      ("effective_status", .string(object.status)), ("updated_time", .string("\(object.updatedAt)")),
    ]
    if let daily = object.daily { members.append(("daily_budget", .string("\(daily)"))) }
    if let lifetime = object.lifetime { members.append(("lifetime_budget", .string("\(lifetime)"))) }
    if object.edge == "adsets", let parent = object.parent { members.append(("campaign_id", .string(parent))) }
    if object.edge == "ads", let parent = object.parent {
      members.append(("adset_id", .string(parent)))
      members.append(("campaign_id", .string(state.objects[parent]?.parent ?? "0")))
    }
    return .object(JSONObject(members))
  }

  private func write(_ id: String, _ call: HTTPCall) async throws(TransportError) -> HTTPAnswer {
    guard case .bytes(let body) = call.body else { return Self.refusal(100, nil) }
    let write = Write(id: id, form: String(decoding: body, as: UTF8.self), at: clock.now())
    let (fault, hook) = state.withLock { state in
      state.writes.append(write)
      return (state.faults.isEmpty ? nil : state.faults.removeFirst(), state.beforeWrite)
    }
    await hook?(write)
    switch fault {
    case .lostCall: throw .timedOut(limit: .seconds(60))
    case .refused(let code, let subcode): return Self.refusal(code, subcode)
    case .ignored: break
    case .lostAnswer, nil: state.withLock { Self.carryOut(write, &$0) }
    }
    if case .lostAnswer = fault { throw .timedOut(limit: .seconds(60)) }
    return Self.ok(["success": true])
  }

  private static func carryOut(_ write: Write, _ state: inout State) {
    let sides = write.form.split(separator: "=").map(String.init)
    guard sides.count == 2 else { return }
    if sides[0] == "status" { state.objects[write.id]?.status = sides[1] }
    if sides[0] == "daily_budget" { state.objects[write.id]?.daily = Int64(sides[1]) }
    state.objects[write.id]?.updatedAt = write.at
  }

  private static func ok(_ value: JSONValue) -> HTTPAnswer { answer(200, value) }

  private static func refusal(_ code: Int, _ subcode: Int?) -> HTTPAnswer {
    let numbers: [(key: String, value: JSONValue)] =
      [("code", .number("\(code)"))] + (subcode.map { [("error_subcode", .number("\($0)"))] } ?? [])
    let error = JSONObject([("message", "refused"), ("type", "OAuthException")] + numbers)
    return answer(400, .object(JSONObject([("error", .object(error))])))
  }

  private static func answer(_ status: Int, _ value: JSONValue) -> HTTPAnswer {
    var json = JSONWriter()
    value.write(to: &json)
    return HTTPAnswer(status: status, body: json.bytes)
  }
}
