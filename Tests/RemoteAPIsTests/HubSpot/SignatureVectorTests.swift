import Formats
import Foundation
import RemoteAPIs
import TestKit
import Testing

/// Signatures against those that HubSpot's own library computes and its documentation prints.
struct SignatureVectorTests {
  private struct Vector: Decodable {
    let name: String
    let secret: String
    let method: String
    let uri: String
    let body: String
    let timestamp: String
    let v1: String
    let v2: String
    let v3: String
  }

  private struct Vectors: Decodable {
    struct Known: Decodable {
      let secret: String
      let method: String
      let uri: String
      let body: String
      let v2: String
    }

    let vectors: [Vector]
    let extra_known_answer: Known
  }

  private static func content(_ method: String, _ uri: String, _ body: String, _ timestamp: String)
    -> HubSpotSignature.Content
  {
    HubSpotSignature.Content(method: method, uri: uri, body: Array(body.utf8), timestamp: timestamp)
  }

  @Test("All vectors of HubSpot's library come out the same", .needsSharedData)
  func vectors() throws {
    let file = try #require(SharedData.file("vectors/hubspot_signatures.json"))
    let vectors = try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: file))
    #expect(vectors.vectors.count == 3)
    for vector in vectors.vectors {
      let content = Self.content(vector.method, vector.uri, vector.body, vector.timestamp)
      let secret = Secret(vector.secret)
      #expect(HubSpotSignature.text(.v1, of: content, secret: secret) == vector.v1, "\(vector.name)")
      #expect(HubSpotSignature.text(.v2, of: content, secret: secret) == vector.v2, "\(vector.name)")
      #expect(HubSpotSignature.text(.v3, of: content, secret: secret) == vector.v3, "\(vector.name)")
    }
    let known = vectors.extra_known_answer
    let content = Self.content(known.method, known.uri, known.body, "")
    #expect(HubSpotSignature.text(.v2, of: content, secret: Secret(known.secret)) == known.v2)
  }

  @Test("The answers printed in HubSpot's documentation come out")
  func knownAnswers() {
    let secret = Secret("yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy")
    let uri = "https://www.example.com/webhook_uri"
    #expect(
      HubSpotSignature.text(.v2, of: Self.content("GET", uri, "", ""), secret: secret)
        == "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e")
    #expect(
      HubSpotSignature.text(
        .v3, of: Self.content("POST", uri, "{'example_field':'example_value'}", "1693657560000"), secret: secret)
        == "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=")
  }

  @Test(
    "v3 resolves the escapes of HubSpot's table in the query, and no others",
    arguments: [
      ("https://a.b/c?x=%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B", "https://a.b/c?x=:/?@!$'()*,;"),
      ("https://a.b/c?x=%3a%2f", "https://a.b/c?x=:/"),
      ("https://a.b/%3A%2F?x=1", "https://a.b/%3A%2F?x=1"),
      ("https://a.b/c?x=%20%26%3D%25%2B%23", "https://a.b/c?x=%20%26%3D%25%2B%23"),
      ("https://a.b/c?x=%253A%3", "https://a.b/c?x=%253A%3"),
      ("https://a.b/c?%3F%3F", "https://a.b/c???"),
    ])
  func decoding(_ escaped: String, _ resolved: String) {
    let secret = Secret("s")
    let one = HubSpotSignature.text(.v3, of: Self.content("POST", escaped, "b", "1"), secret: secret)
    let other = HubSpotSignature.text(.v3, of: Self.content("POST", resolved, "b", "1"), secret: secret)
    #expect(one == other)
    if escaped != resolved {
      let older = HubSpotSignature.text(.v2, of: Self.content("POST", escaped, "b", "1"), secret: secret)
      #expect(older != HubSpotSignature.text(.v2, of: Self.content("POST", resolved, "b", "1"), secret: secret))
    }
  }
}
