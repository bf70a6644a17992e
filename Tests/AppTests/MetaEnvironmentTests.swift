import Platforms
import RemoteAPIs
import Testing
import Values

@testable import App

/// What the environment says of Meta, and what is wrong with it.
struct MetaEnvironmentTests {
  private static let key = String(repeating: "0f", count: 32)

  @Test("everything that can be set is read; without anything Meta's own address and version stand")
  func all() throws {
    let nothing = try MetaEnvironment.settings([:])
    #expect(nothing.api.baseURL == "https://graph.facebook.com")
    #expect(nothing.api.version == "v26.0")
    #expect(nothing.token == nil && nothing.secretBox == nil && nothing.adAccount == nil)
    let settings = try MetaEnvironment.settings([
      "META_ACCESS_TOKEN": " EAAB\n", "META_ACCESS_TOKENS": #"{"acme": "EAAC"}"#, "META_APP_SECRET": "s",
      "META_AD_ACCOUNT_ID": "act_42", "META_API_VERSION": "v27.0", "META_GRAPH_URL": "http://127.0.0.1:9",
      "GEMINIVIDEO_SECRET_KEY": Self.key,
    ])
    #expect(settings.token == Secret("EAAB"))
    #expect(settings.accountTokens == [try #require(AccountID("acme")): Secret("EAAC")])
    #expect(settings.appSecret == Secret("s"))
    #expect(settings.adAccount.map { "\($0)" } == "act_42")
    #expect(settings.api.version == "v27.0")
    #expect(settings.api.baseURL == "http://127.0.0.1:9")
    #expect(settings.secretBox != nil)
    #expect(try MetaEnvironment.settings(["DEFAULT_AD_ACCOUNT_ID": "7"]).adAccount != nil)
  }

  @Test(
    "a value that cannot be right is refused by the variable's name",
    arguments: [
      ("META_ACCESS_TOKEN", "two words"), ("META_ACCESS_TOKENS", "{}x"), ("META_API_VERSION", "26"),
      ("META_GRAPH_URL", "graph.facebook.com"), ("META_GRAPH_URL", "https://graph.facebook.com/"),
      ("META_GRAPH_URL", "https://graph.facebook.com?x"), ("META_AD_ACCOUNT_ID", "acme"),
      ("GEMINIVIDEO_SECRET_KEY", "0f"), ("GEMINIVIDEO_SECRET_KEY", String(repeating: "x", count: 64)),
    ])
  func wrong(_ name: String, _ value: String) {
    let error = #expect(throws: SettingError.self) { try MetaEnvironment.settings([name: value]) }
    #expect(error?.name == name)
    if name.contains("KEY") || name.contains("TOKEN") { #expect(error?.description.contains(value) == false) }
  }

  @Test("the doctor says what the environment says, and what follows")
  func doctor() {
    let bare = MetaDoctor(environment: [:]).check()
    #expect(bare.isFine)
    #expect(bare.finding.contains("no token is set (META_ACCESS_TOKEN"))
    #expect(MetaDoctor(environment: ["META_GRAPH_URL": "http://127.0.0.1:9"]).check().isFine)
    let plain = MetaDoctor(environment: ["META_GRAPH_URL": "http://graph.example.com"]).check()
    #expect(!plain.isFine)
    #expect(plain.finding.contains("plain text"))
    #expect(!MetaDoctor(environment: ["META_API_VERSION": "26"]).check().isFine)
  }
}
