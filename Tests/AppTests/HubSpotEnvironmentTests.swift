import Platforms
import RemoteAPIs
import Testing
import Values

@testable import App

/// What the environment says of HubSpot, and what is wrong with it.
struct HubSpotEnvironmentTests {
  @Test("Blanks around secrets, tokens and the commas between them are no part of them")
  func blanks() throws {
    let acme = try #require(AccountID("acme"))
    let settings = try HubSpotEnvironment.settings([
      "HUBSPOT_CLIENT_SECRET": " old, new\n,", "HUBSPOT_CLIENT_SECRETS": #"{"acme": " a , b "}"#,
      "HUBSPOT_ACCESS_TOKEN": "pat-1\n", "HUBSPOT_ACCESS_TOKENS": #"{"acme": " pat-2 "}"#,
      "HUBSPOT_WEBHOOK_URL": " https://hooks.example.com/webhooks/hubspot ",
    ])
    #expect(settings.secrets.map(\.text) == ["old", "new"])
    #expect(settings.accountSecrets[acme]?.map(\.text) == ["a", "b"])
    #expect(settings.token?.text == "pat-1")
    #expect(settings.accountTokens[acme]?.text == "pat-2")
    #expect(settings.webhookURL == "https://hooks.example.com/webhooks/hubspot")
  }

  @Test(
    "A value that cannot be right is refused by the variable's name, and secrets are not shown",
    arguments: [
      ("HUBSPOT_CLIENT_SECRET", "two words"), ("HUBSPOT_CLIENT_SECRETS", #"{"acme": "two words"}"#),
      ("HUBSPOT_ACCESS_TOKEN", "påt"), ("HUBSPOT_ACCESS_TOKENS", #"{"acme": " "}"#),
    ])
  func wrongSecrets(_ name: String, _ value: String) throws {
    let error = #expect(throws: SettingError.self) { try HubSpotEnvironment.settings([name: value]) }
    #expect(error?.name == name)
    #expect(error?.value == "not shown")
  }

  @Test("A public address without a scheme is refused by the variable's name")
  func address() throws {
    let value = "hooks.example.com/webhooks/hubspot"
    let error = #expect(throws: SettingError.self) { try HubSpotEnvironment.settings(["HUBSPOT_WEBHOOK_URL": value]) }
    #expect(
      error?.description.hasPrefix("HUBSPOT_WEBHOOK_URL is '\(value)': it must begin with http:// or https://") == true)
  }
}
