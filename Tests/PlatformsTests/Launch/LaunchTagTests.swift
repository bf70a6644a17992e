import Testing
import Values

@testable import Measurement
@testable import Platforms

/// What is added to links, against what attribution reads.
struct LaunchTagTests {
  @Test(
    "Where the account reads anything, a click that Meta has filled in is credited to its ad",
    arguments: [["ad_id", "hsa_ad", "utm_ad", "utm_content"], ["utm_content"], ["hsa_ad"], ["utm_term", "x"]])
  func credited(_ parameters: [String]) throws {
    let tags = try #require(LaunchTags.text(parameters))
    let filled = tags.replacing("{{ad.id}}", with: "23860000000000001").replacing("{{adset.id}}", with: "238500000001")
      .replacing("{{campaign.id}}", with: "238400000001")
    let page = LandingPage("https://shop.example.com/p?x=1&\(filled)")
    let words = parameters.compactMap { name in page.value(of: name).map { AdWord(name: name, value: $0) } }
    #expect(AdWord.ad(among: words) { _ in false } == AdID("23860000000000001"))
  }

  @Test("An account that reads no parameter gets none")
  func nothing() {
    #expect(LaunchTags.text([]) == nil)
  }
}
