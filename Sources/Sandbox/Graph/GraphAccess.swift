import Crypto
import Formats
import RemoteAPIs
import Values

/// Who may ask, and for which account.
package struct GraphAccess: Sendable {
  /// The number of the app.
  package let appID: String
  /// The app's secret.
  package let appSecret: Secret
  /// The token that callers must show.
  package let token: Secret
  /// The ad account's number, without its prefix.
  package let account: String
  /// Who the token stands for.
  let userID = "122100000000000001"
  /// What the token allows.
  let scopes = [
    "ads_management", "ads_read", "business_management", "pages_read_engagement", "pages_show_list",
  ]

  /// Throws what Meta says to a caller without the token, or with a proof that does not belong to it.
  func check(_ call: GraphCall) throws(GraphError) {
    guard let shown = call.token, !shown.isEmpty else {
      throw GraphError(code: 104, message: "An access token is required to request this resource.")
    }
    guard token.isSame(as: shown) || isApp(shown) else {
      throw GraphError(
        status: 401, code: 190, subcode: 467,
        message: "Invalid OAuth access token - Cannot parse access token")
    }
    guard let proof = call.parameters["appsecret_proof"] else { return }
    guard Secret(self.proof(of: shown)).isSame(as: proof) else {
      throw GraphError(
        code: 100, message: "Invalid appsecret_proof provided in the API argument",
        type: "GraphMethodException")
    }
  }

  /// Whether a token is the app's own, which may look at other tokens and at nothing else.
  func isApp(_ shown: String) -> Bool {
    Secret("\(appID)|\(appSecret.text)").isSame(as: shown)
  }

  /// The proof that whoever shows a token also has the app's secret.
  func proof(of token: String) -> String {
    Hex.text(
      HMAC<SHA256>.authenticationCode(
        for: Array(token.utf8), using: SymmetricKey(data: Array(appSecret.text.utf8))))
  }

  /// What is known of a token.
  func debug(_ input: String, issuedAt: Instant) -> JSONValue {
    guard token.isSame(as: input) else {
      return [
        "data": [
          "app_id": .string(appID), "is_valid": false, "scopes": [],
          "error": [
            "code": 190, "message": "Invalid OAuth access token - Cannot parse access token",
          ],
        ]
      ]
    }
    return [
      "data": [
        "app_id": .string(appID), "application": "Sandbox", "type": "SYSTEM_USER", "is_valid": true,
        "expires_at": 0,
        "data_access_expires_at": 0, "issued_at": .integer(issuedAt.seconds),
        "user_id": .string(userID),
        "scopes": .array(scopes.map { .string($0) }),
        "granular_scopes": .array(
          ["ads_management", "ads_read"].map {
            ["scope": .string($0), "target_ids": [.string(account)]]
          }),
      ]
    ]
  }

  /// The permissions that the token's user has given.
  var permissions: JSONValue {
    ["data": .array(scopes.map { ["permission": .string($0), "status": "granted"] })]
  }
}
