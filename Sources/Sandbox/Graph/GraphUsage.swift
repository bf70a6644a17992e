import Formats
import Values

/// How much may be asked for.
package enum GraphTier: String, Sendable, CaseIterable {
  /// What a new app may do.
  case limited
  /// What an app may do that Meta has looked at.
  case full

  /// The tier's name in headers.
  var headerName: String { self == .full ? "standard_access" : "development_access" }
}

/// Calls of the present hour, counted against Meta's quotas.
struct GraphUsage: Sendable {
  let tier: GraphTier
  private var hour: Int64 = 0
  private var insights = 0
  private var management = 0

  init(tier: GraphTier) {
    self.tier = tier
  }

  /// Counts a call, and says whether it is one too many.
  mutating func count(isInsights: Bool, activeAds: Int, at now: Instant) -> Bool {
    if now.seconds / 3_600 != hour {
      hour = now.seconds / 3_600
      insights = 0
      management = 0
    }
    if isInsights { insights += 1 } else { management += 1 }
    return (isInsights ? insights : management)
      > quota(isInsights: isInsights, activeAds: activeAds)
  }

  private func quota(isInsights: Bool, activeAds: Int) -> Int {
    switch (tier, isInsights) {
    case (.limited, true): 600 + 400 * activeAds
    case (.limited, false): 300 + 40 * activeAds
    case (.full, true): 190_000 + 400 * activeAds
    case (.full, false): 100_000 + 40 * activeAds
    }
  }

  /// The headers that say how much of the quotas is used up.
  func headers(account: String, isInsights: Bool, activeAds: Int, at now: Instant) -> [(
    name: String, value: String
  )] {
    let calls = isInsights ? insights : management
    let quota = quota(isInsights: isInsights, activeAds: activeAds)
    let percent = (100 * calls + quota - 1) / quota
    let wait = calls > quota ? 60 - now.seconds / 60 % 60 : 0
    let access = JSONValue.string(tier.headerName)
    let use: JSONValue = [
      "type": .string(isInsights ? "ads_insights" : "ads_management"),
      "call_count": .integer(percent),
      "total_cputime": .integer(percent), "total_time": .integer(percent),
      "estimated_time_to_regain_access": .integer(wait), "ads_api_access_tier": access,
    ]
    let usage = JSONValue.object(JSONObject([(account, .array([use]))]))
    let app: JSONValue = [
      "call_count": .integer(percent), "total_cputime": .integer(percent),
      "total_time": .integer(percent),
    ]
    var headers: [(name: String, value: JSONValue)] = [
      ("x-business-use-case-usage", usage), ("x-app-usage", app),
      (
        "x-ad-account-usage",
        [
          "acc_id_util_pct": .integer(percent), "reset_time_duration": .integer(wait * 60),
          "ads_api_access_tier": access,
        ]
      ),
    ]
    if isInsights {
      headers.append(
        (
          "x-fb-ads-insights-throttle",
          [
            "app_id_util_pct": .integer(percent), "acc_id_util_pct": .integer(percent),
            "ads_api_access_tier": access,
          ]
        ))
    }
    return headers.map { ($0.name, String(decoding: $0.value.bytes, as: UTF8.self)) }
  }
}
