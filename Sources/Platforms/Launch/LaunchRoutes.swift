import Accounts
import Formats
import Values
import Web

/// Launches over HTTP. No request waits for Meta: a job does the work.
package struct LaunchRoutes: Sendable {
  private let launches: LaunchService

  package init(launches: LaunchService) {
    self.launches = launches
  }

  package var endpoints: [Endpoint] {
    [
      Endpoint(
        .get, "/api/launches", operationID: "listLaunches", summary: "The account's launches, latest first.",
        tag: "Launches", access: .role(.viewer),
        query: [
          QueryParameter("state", .choice("Only in this state.", LaunchState.allCases.map(\.rawValue))),
          QueryParameter(
            "before", .text("Only launches requested before this one: the last launch of the previous page.")),
          QueryParameter("limit", .integer("The most to return; 50 by default.", 1...LaunchService.page)),
        ], response: LaunchSchemas.list, handle: list),
      Endpoint(
        .get, "/api/launches/{launch_id}", operationID: "getLaunch",
        summary: "A launch: its progress, what it has created, and the latest result of the review.",
        tag: "Launches", access: .role(.viewer), response: LaunchSchemas.launch
      ) { call in
        LaunchCoding.reply(try await launches.launch(Self.id(call), of: call.caller().accountID))
      },
      Endpoint(
        .post, "/api/launches", operationID: "startLaunch",
        summary: "Turns a video into an ad of an ad set, always paused: nothing here activates it.", tag: "Launches",
        access: .role(.operator), request: LaunchSchemas.request, success: .accepted, response: LaunchSchemas.launch,
        otherAnswers: [.conflict]
      ) { call in
        let caller = try call.caller()
        let order = try LaunchCoding.read(call.body)
        return LaunchCoding.reply(try await launches.start(order, of: caller.accountID, by: caller.actor))
      },
      Endpoint(
        .post, "/api/launches/{launch_id}/retry", operationID: "retryLaunch",
        summary: "Retries a launch from where it stopped. What it has created is not created again.", tag: "Launches",
        access: .role(.operator), success: .accepted, response: LaunchSchemas.launch, otherAnswers: [.conflict]
      ) { call in
        let caller = try call.caller()
        return LaunchCoding.reply(
          try await launches.retry(Self.id(call), of: caller.accountID, by: caller.actor))
      },
    ]
  }

  @Sendable private func list(_ call: Call) async throws -> Reply {
    var filter = LaunchFilter()
    filter.state = try call.choice("state", of: LaunchState.allCases.map(\.rawValue)).flatMap(
      LaunchState.init(rawValue:))
    filter.before = try call.queryParameters["before"].map { text in
      guard let id = TimedID(text) else { throw APIError.invalid(field: "before", value: text, rule: TimedID.rule) }
      return id
    }
    filter.limit = try call.integer("limit", in: 1...LaunchService.page) ?? filter.limit
    let found = try await launches.list(filter, of: call.caller().accountID)
    return Reply.object { json in
      json.key("launches")
      json.array { json in for launch in found { LaunchCoding.write(launch, to: &json) } }
    }
  }

  private static func id(_ call: Call) throws -> TimedID {
    let text = call.pathParameters["launch_id"] ?? ""
    guard let id = TimedID(text) else { throw APIError.notFound("launch \(text)") }
    return id
  }
}
