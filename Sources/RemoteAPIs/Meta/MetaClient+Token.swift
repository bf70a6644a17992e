import Formats
import Values

/// Meta's information about an access token.
package struct MetaTokenInfo: Equatable, Sendable {
  /// Whether it is accepted.
  package let isValid: Bool
  /// Why it is not accepted; nil where it is.
  package let problem: String?
  /// What kind of token it is, such as `SYSTEM_USER` or `USER`.
  package let type: String?
  /// The app that it was issued for.
  package let appID: String?
  /// Its permissions, such as `ads_read`.
  package let scopes: [String]
  /// The objects that a scope is limited to; a scope that is not listed applies to all of the user's.
  package let targets: [String: [String]]
  /// When it expires; nil for never.
  package let expiresAt: Instant?
  /// When its data access expires; nil for never.
  package let dataAccessExpiresAt: Instant?
}

/// A permission, and whether the token's user granted it.
package struct MetaPermission: Equatable, Sendable {
  /// The scope, such as `ads_management`.
  package let name: String
  /// `granted`, `declined` or `expired`.
  package let status: String

  package var isGranted: Bool { status == "granted" }
}

extension MetaClient {
  /// Meta's information about this client's token. An invalid token is reported in the result, not thrown.
  package func tokenInfo() async throws(MetaError) -> MetaTokenInfo {
    // Meta accepts the inspected token only in the URL, where logs of proxies would show it.
    let answer = try await get("debug_token", secret: (name: "input_token", value: token))
    return try read { () throws(JSONField.Problem) in try MetaTokenInfo(answer.member("data")) }
  }

  /// The permissions of the token's user.
  package func permissions() async throws(MetaError) -> [MetaPermission] {
    var pages = MetaPages(self, "me/permissions", [], for: .reading) { field throws(JSONField.Problem) in
      MetaPermission(name: try field.member("permission").text(), status: try field.member("status").text())
    }
    return try await pages.all()
  }
}

extension MetaTokenInfo {
  init(_ field: JSONField) throws(JSONField.Problem) {
    isValid = try field.member("is_valid").bool()
    let error = try field.member("error")
    problem = error.isAbsent ? nil : try error.member("message").optionalText().map { String($0.prefix(300)) }
    type = try field.member("type").optionalText()
    appID = try field.member("app_id").optionalScalarText()
    scopes = try field.member("scopes").texts()
    var targets: [String: [String]] = [:]
    for scope in try field.member("granular_scopes").elements() {
      let ids = try scope.member("target_ids")
      guard !ids.isAbsent else { continue }
      targets[try scope.member("scope").text()] = try ids.elements().map { id throws(JSONField.Problem) in
        try id.scalarText()
      }
    }
    self.targets = targets
    expiresAt = try field.member("expires_at").optionalUnixTime()
    dataAccessExpiresAt = try field.member("data_access_expires_at").optionalUnixTime()
  }
}
