import Accounts
import App
import AppTestKit
import Formats
import RemoteAPIs
import Storage
import TestKit
import Testing
import Values

@testable import Platforms

/// Launches of tenants, and how each function with their SQL is called.
enum TenantLaunches {
  static func make(of account: AccountID, number: Int, in test: TestSystem) async throws -> TimedID {
    let now = test.clock.now()
    let id = TimedID(microseconds: now.microseconds, random: UInt32(number))
    let launch = try launch(id, of: account, named: "launchof\(account)", at: now)
    try await test.system.database.write { try LaunchRepository().insert(launch, in: $0) }
    return id
  }

  static func launch(_ id: TimedID, of account: AccountID, named name: String, at now: Instant) throws -> Launch {
    let number = try #require(MetaID("7"))
    let order = LaunchOrder(
      name: name, video: .address("https://cdn.example/v.mp4"), pageID: number, adSetID: number, text: "T",
      headline: "H",
      link: "https://shop.example.com/")
    return Launch(
      id: id, accountID: account, adAccount: try #require(MetaAdAccountID("7")), order: order,
      urlTags: "utm_content={{ad.id}}", requestedAt: now, requestedBy: "test")
  }
}

extension StatementCalls {
  mutating func addLaunches() {
    let launches = LaunchRepository()
    within("LaunchRepository.insert(_:in:)") { c, t in
      let id = TimedID(microseconds: c.now.microseconds, random: 99)
      try launches.insert(TenantLaunches.launch(id, of: c.caller.account, named: "new", at: c.now), in: t)
    }
    within("LaunchRepository.get(_:of:in:)") { c, t in
      try launches.get(c.named.launch, of: c.caller.account, in: t)
    }
    within("LaunchRepository.list(_:of:in:)") { c, t in
      try launches.list(LaunchFilter(), of: c.caller.account, in: t)
    }
    within("LaunchRepository.countOpen(of:in:)") { c, t in try launches.countOpen(of: c.caller.account, in: t) }
    within("LaunchRepository.take(_:of:in:)") { c, t in
      try launches.take(c.named.launch, of: c.caller.account, in: t)
    }
    within("LaunchRepository.save(_:in:)") { c, t in
      var launch = try TenantLaunches.launch(c.named.launch, of: c.caller.account, named: "same", at: c.now)
      launch.uploads = 2
      return try launches.save(launch, in: t)
    }
    forAll("LaunchRepository.removeEnded(before:limit:in:)", because: "it removes what is old of every account")
  }
}
