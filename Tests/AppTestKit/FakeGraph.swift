import Formats
import Foundation
import HTTPTypes
import RemoteAPIs
import Synchronization
import Values

/// A made-up Graph API with one ad account, in memory: as much of it as reading figures and campaigns takes.
package final class FakeGraph: HTTPTransport {
  /// An ad's figures on a day.
  package struct Figures: Sendable {
    package var impressions = 1_000
    package var clicks = 40
    package var linkClicks = 30
    package var spend = "12.34"
    /// By type of action.
    package var actions: [String: Int] = [:]

    package init(spend: String = "12.34", actions: [String: Int] = [:]) {
      self.spend = spend
      self.actions = actions
    }
  }

  /// What it knows; tests change it.
  package struct World: Sendable {
    package var account: JSONObject = [
      "account_id": "123", "name": "Made up", "account_status": 1, "currency": "USD", "timezone_name": "UTC",
      "min_daily_budget": 100, "spend_cap": "0",
    ]
    /// Campaigns, ad sets and ads by their numbers, in lists by their edges.
    package var objects: [String: [String: JSONObject]] = ["campaigns": [:], "adsets": [:], "ads": [:]]
    /// By ad and day.
    package var figures: [String: [CalendarDay: Figures]] = [:]
    package var schedules: [String: JSONValue] = [:]
    package var token: JSONObject = ["is_valid": true, "scopes": ["ads_read", "ads_management"], "expires_at": 0]
    /// What is answered in place of the next calls whose path holds a text, first one first.
    package var faults: [(path: String, answer: Result<HTTPAnswer, TransportError>)] = []
    /// What becomes of the next reports that are ordered; those after that are completed at once.
    package var reportStates: [String] = []
    /// How often a report is asked for before it leaves the first state that it was given.
    package var reportPatience = 0
    /// The most days that one answer has figures of; more are refused as too much data.
    package var daysAtOnce = 1_000
    package var pageSize = 100
    /// The number of the call, counted from 1, that is not answered until this is nil again.
    package var silentCall: Int?
    package init() {}

    fileprivate var reports: [String: (parameters: [String: String], states: [String])] = [:]

    /// Makes an ad with its ad set and campaign, all active; the ad set has a daily budget.
    package mutating func addAd(_ ad: String, set: String = "20", campaign: String = "30") {
      objects["campaigns"]?[campaign] = [
        "id": .string(campaign), "name": "C", "status": "ACTIVE", "effective_status": "ACTIVE",
        "is_adset_budget_sharing_enabled": false,
      ]
      objects["adsets"]?[set] = [
        "id": .string(set), "campaign_id": .string(campaign), "name": "S", "status": "ACTIVE",
        "effective_status": "ACTIVE", "daily_budget": "5000", "updated_time": "2026-05-01T10:00:00-0800",
        "learning_stage_info": ["status": "LEARNING", "conversions": 12, "last_sig_edit_ts": 1_779_000_000],
      ]
      objects["ads"]?[ad] = [
        "id": .string(ad), "adset_id": .string(set), "campaign_id": .string(campaign), "name": .string("Ad \(ad)"),
        "status": "ACTIVE", "effective_status": "ACTIVE",
      ]
    }

    /// Changes a member of an object.
    package mutating func set(_ edge: String, _ id: String, _ key: String, _ value: JSONValue) {
      guard var object = objects[edge]?[id] else { return }
      object.members.removeAll { $0.key == key }
      object.members.append(.init(key: key, value: value))
      objects[edge]?[id] = object
    }

    package mutating func setAccount(_ key: String, _ value: JSONValue) {
      account.members.removeAll { $0.key == key }
      account.members.append(.init(key: key, value: value))
    }
  }

  /// A call that was made.
  package struct Call: Sendable {
    package let method: String
    /// Below the version, such as `act_123/insights`.
    package let path: String
    package let parameters: [String: String]
    package let token: String?
  }

  private struct State {
    var world = World()
    var calls: [Call] = []
    /// The calls that wait for an answer.
    var silent: [AsyncStream<Never>.Continuation] = []
  }

  private let state = Mutex(State())

  package init() {
    (silences, silence) = AsyncStream.makeStream(of: Void.self)
  }

  /// The calls so far, in order.
  package var calls: [Call] { state.withLock { $0.calls } }

  package func change(_ body: (inout World) -> Void) {
    let ended = state.withLock { state in
      body(&state.world)
      defer { if state.world.silentCall == nil { state.silent = [] } }
      return state.world.silentCall == nil ? state.silent : []
    }
    for call in ended { call.finish() }
  }

  package func send(_ call: HTTPCall) async throws(TransportError) -> HTTPAnswer {
    let (isSilent, request) = state.withLock { state in
      let request = Self.request(call)
      state.calls.append(request)
      return (state.world.silentCall == state.calls.count, request)
    }
    if isSilent { try await waitForTheEnd() }
    let result = state.withLock { state -> Result<HTTPAnswer, TransportError> in
      if let index = state.world.faults.firstIndex(where: { request.path.contains($0.path) }) {
        return state.world.faults.remove(at: index).answer
      }
      return .success(Self.answer(state.world.reply(request)))
    }
    return try result.get()
  }

  /// Tells when a call came that is not answered.
  package let silences: AsyncStream<Void>
  private let silence: AsyncStream<Void>.Continuation

  private func waitForTheEnd() async throws(TransportError) {
    let (nothing, ending) = AsyncStream.makeStream(of: Never.self)
    state.withLock { $0.silent.append(ending) }
    silence.yield()
    for await _ in nothing {}
    throw .cancelled
  }

  /// An answer that refuses.
  package static func refusal(_ code: Int, _ subcode: Int? = nil, status: Int = 400) -> Result<
    HTTPAnswer, TransportError
  > {
    .success(answer((status, ["error": error(code, subcode)])))
  }

  static func error(_ code: Int, _ subcode: Int?) -> JSONValue {
    var error: JSONObject = ["code": .number("\(code)"), "message": "made up"]
    if let subcode { error.members.append(.init(key: "error_subcode", value: .number("\(subcode)"))) }
    return .object(error)
  }

  private static func answer(_ reply: (status: Int, body: JSONValue)) -> HTTPAnswer {
    var json = JSONWriter()
    reply.body.write(to: &json)
    return HTTPAnswer(status: reply.status, body: json.bytes)
  }

  private static func request(_ call: HTTPCall) -> Call {
    var form = ""
    if case .bytes(let bytes) = call.body { form = String(decoding: bytes, as: UTF8.self) }
    let parts = call.url.split(separator: "?", maxSplits: 1).map(String.init)
    let query = [parts.count > 1 ? parts[1] : "", form, call.secretQuery?.text ?? ""].joined(separator: "&")
    return Call(
      method: call.method.rawValue, path: parts[0].split(separator: "/").dropFirst(3).joined(separator: "/"),
      parameters: parameters(query), token: call.bearerToken?.text)
  }

  static func parameters(_ query: String) -> [String: String] {
    var parameters: [String: String] = [:]
    for pair in query.split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
      parameters[sides[0]] = sides.count > 1 ? sides[1].removingPercentEncoding : ""
    }
    return parameters
  }
}

extension FakeGraph.World {
  fileprivate mutating func reply(_ call: FakeGraph.Call) -> (Int, JSONValue) {
    let path = call.path.split(separator: "/").map(String.init)
    switch (call.method, path.first ?? "", path.dropFirst().first) {
    case ("POST", "", _): return (200, .array(batch(call.parameters["batch"] ?? "[]")))
    case ("GET", "debug_token", _): return (200, ["data": .object(token)])
    case ("GET", "me", "permissions"): return (200, ["data": [["permission": "ads_read", "status": "granted"]]])
    case ("GET", "act_123", nil): return (200, .object(account))
    case ("GET", "act_123", "insights"): return insights(call.parameters, call.parameters)
    case ("POST", "act_123", "insights"):
      let id = "\(9_000 + reports.count)"
      reports[id] = (call.parameters, reportStates.isEmpty ? [] : [reportStates.removeFirst()])
      return (200, ["report_run_id": .string(id)])
    case ("GET", "act_123", let edge?): return list(edge, call.parameters)
    case ("GET", let id, "insights"):
      guard let report = reports[id] else { return (400, ["error": FakeGraph.error(100, 33)]) }
      return insights(report.parameters, call.parameters, isReport: true)
    case ("GET", let id, "budget_schedules"): return (200, ["data": schedules[id] ?? []])
    case ("GET", let id, _): return single(id)
    default: return (404, ["error": FakeGraph.error(2500, nil)])
    }
  }

  private mutating func single(_ id: String) -> (Int, JSONValue) {
    if let report = reports[id] {
      let state = report.states.first ?? "Job Completed"
      if reportPatience > 0 { reportPatience -= 1 } else { reports[id]?.states = Array(report.states.dropFirst()) }
      let percent = state == "Job Completed" ? 100 : 50
      return (200, ["async_status": .string(state), "async_percent_completion": .number("\(percent)")])
    }
    for objects in objects.values { if let object = objects[id] { return (200, .object(object)) } }
    return (400, ["error": FakeGraph.error(100, 33)])
  }

  private mutating func batch(_ text: String) -> [JSONValue] {
    let parts = (try? JSONReader.read(text) { try $0.readValue() })?.arrayValue ?? []
    return parts.map { part in
      let path = part["relative_url"]?.stringValue?.split(separator: "/").first.map(String.init) ?? ""
      let (status, body) = single(path)
      var json = JSONWriter()
      body.write(to: &json)
      return ["code": .number("\(status)"), "body": .string(json.string)]
    }
  }

  private func list(_ edge: String, _ parameters: [String: String]) -> (Int, JSONValue) {
    let statuses = parameters["effective_status"] ?? ""
    let found = (objects[edge] ?? [:]).sorted { $0.key < $1.key }.map(\.value).filter {
      statuses.contains("\"\($0["effective_status"]?.stringValue ?? "")\"")
    }
    return page(found.map(JSONValue.object), parameters)
  }

  private func insights(
    _ asked: [String: String], _ call: [String: String], isReport: Bool = false
  ) -> (Int, JSONValue) {
    let range = (try? JSONReader.read(asked["time_range"] ?? "") { try $0.readValue() }) ?? .null
    guard let since = range["since"]?.stringValue.flatMap({ CalendarDay($0) }),
      let until = range["until"]?.stringValue.flatMap({ CalendarDay($0) })
    else { return (400, ["error": FakeGraph.error(100, nil)]) }
    guard isReport || until.daysSinceEpoch - since.daysSinceEpoch < daysAtOnce else {
      return (400, ["error": FakeGraph.error(100, 1_487_534)])
    }
    let rows = figures.sorted { $0.key < $1.key }.flatMap { ad, days in
      days.filter { $0.key >= since && $0.key <= until }.sorted { $0.key < $1.key }.map { row(ad, $0.key, $0.value) }
    }
    return page(rows, call)
  }

  private func row(_ ad: String, _ day: CalendarDay, _ figures: FakeGraph.Figures) -> JSONValue {
    var row: JSONObject = [
      "ad_id": .string(ad), "ad_name": .string("Ad \(ad)"), "account_currency": account["currency"] ?? "USD",
      "impressions": .string("\(figures.impressions)"), "clicks": .string("\(figures.clicks)"),
      "inline_link_clicks": .string("\(figures.linkClicks)"), "spend": .string(figures.spend),
      "date_start": .string("\(day)"), "date_stop": .string("\(day)"),
    ]
    if !figures.actions.isEmpty {
      let actions = figures.actions.sorted { $0.key < $1.key }
        .map { JSONValue.object(["action_type": .string($0.key), "value": .string("\($0.value)")]) }
      row.members.append(.init(key: "actions", value: .array(actions)))
    }
    return .object(row)
  }

  private func page(_ rows: [JSONValue], _ parameters: [String: String]) -> (Int, JSONValue) {
    let start = parameters["after"].flatMap { Int($0) } ?? 0
    let end = min(start + pageSize, rows.count)
    var body: JSONObject = ["data": .array(Array(rows[min(start, end)..<end]))]
    if end < rows.count {
      let paging: JSONValue = ["cursors": ["after": .string("\(end)")], "next": "https://example.com/next"]
      body.members.append(.init(key: "paging", value: paging))
    }
    return (200, .object(body))
  }
}
