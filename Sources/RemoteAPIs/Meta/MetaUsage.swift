import Formats
import Values

/// How much of the quotas is used up, from a reply's headers.
package struct MetaUsage: Equatable, Sendable {
  /// What one of Meta's limits counts.
  package enum Quota: Hashable, Sendable, CaseIterable {
    /// All calls of the app, over all ad accounts.
    case app
    /// All calls about the ad account.
    case adAccount
    /// Calls that read figures.
    case insights
    /// Calls that read or change campaigns, ad sets and ads.
    case management
  }

  /// How much of a quota is used up.
  package struct Share: Equatable, Sendable {
    package let quota: Quota
    /// Percent of it, 0 and more; Meta refuses calls from about 100 on.
    package let percent: Double
    /// How long Meta will refuse calls; nil where it does not say, or does not refuse them.
    package let regainAfter: Duration?
  }

  /// The reported shares, in no particular order.
  package let shares: [Share]
  /// The app's access tier for the API, such as `standard_access`; nil where it was not reported.
  package let tier: String?

  /// Nothing was reported.
  init() {
    shares = []
    tier = nil
  }

  /// Parses the headers; one that is missing or cannot be parsed is ignored.
  package init(_ answer: HTTPAnswer) {
    var shares: [Share] = []
    var tier: String?
    for entry in Self.useCases(answer) {
      tier = entry["ads_api_access_tier"]?.stringValue ?? tier
      guard let quota = Self.quota(ofUseCase: entry["type"]?.stringValue) else { continue }
      let minutes = entry["estimated_time_to_regain_access"]?.doubleValue ?? 0
      shares.append(
        Share(quota: quota, percent: Self.highest(Self.counters, in: entry), regainAfter: Self.duration(minutes * 60)))
    }
    if let app = Self.object(answer, "x-app-usage") {
      shares.append(Share(quota: .app, percent: Self.highest(Self.counters, in: app), regainAfter: nil))
    }
    if let account = Self.object(answer, "x-ad-account-usage") {
      let percent = Self.highest(["acc_id_util_pct"], in: account)
      let reset = percent < 100 ? 0 : account["reset_time_duration"]?.doubleValue ?? 0
      shares.append(Share(quota: .adAccount, percent: percent, regainAfter: Self.duration(reset)))
      tier = account["ads_api_access_tier"]?.stringValue ?? tier
    }
    if let insights = Self.object(answer, "x-fb-ads-insights-throttle") {
      let percent = Self.highest(["app_id_util_pct", "acc_id_util_pct"], in: insights)
      shares.append(Share(quota: .insights, percent: percent, regainAfter: nil))
      tier = insights["ads_api_access_tier"]?.stringValue ?? tier
    }
    self.shares = shares
    self.tier = tier.map { String($0.prefix(40)) }
  }

  /// The longest time that Meta will refuse calls, over all quotas.
  var longestRegain: Duration? { shares.compactMap(\.regainAfter).max() }

  private static let counters = ["call_count", "total_cputime", "total_time"]

  private static func quota(ofUseCase name: String?) -> Quota? {
    switch name {
    case "ads_insights": .insights
    case "ads_management": .management
    default: nil
    }
  }

  /// The entries of all businesses and ad accounts in the header.
  private static func useCases(_ answer: HTTPAnswer) -> [JSONValue] {
    guard case .object(let object)? = object(answer, "x-business-use-case-usage") else { return [] }
    return object.members.flatMap { $0.value.arrayValue ?? [] }
  }

  private static func object(_ answer: HTTPAnswer, _ name: String) -> JSONValue? {
    answer.header(name).flatMap { text in try? JSONReader.read(text) { try $0.readValue() } }
  }

  private static func highest(_ keys: [String], in object: JSONValue) -> Double {
    keys.compactMap { object[$0]?.doubleValue }.max() ?? 0
  }

  /// Seconds up to a day; nil for none.
  private static func duration(_ seconds: Double) -> Duration? {
    seconds > 0 ? .seconds(min(seconds, 86_400)) : nil
  }
}
