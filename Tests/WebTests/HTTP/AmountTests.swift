import AppTestKit
import Formats
import Testing
import Values
import Web

/// Amounts of requests: numbers are rounded to the nearest millionth, whatever their magnitude.
struct AmountTests {
  private static let path = "/api/ml/battle-hardened/"

  private static func ad(_ id: String, _ amounts: [String]) -> String {
    #"{"ad_id": "\#(id)", "impressions": 1000, "clicks": 10, "spend": \#(amounts[0]), "pipeline_value": \#(amounts[1]), "#
      + #""cash_revenue": \#(amounts[2]), "current_budget": \#(amounts[3]), "age_hours": 100}"#
  }

  static let amounts = [
    "0", "-0.0", "5e-324", "1e-308", "1e-300", "4.9e-7", "5e-7", "0.000001", "1e9", "\"0.0000001\"",
  ]

  @Test("Any amount that may be given is decided on, and every figure of the answer is a number", arguments: amounts)
  func anyMagnitude(_ amount: String) async throws {
    let test = try await TestSystem()
    try await test.serving(as: .operator) { api in
      for place in 0..<4 {
        var given = ["10", "10", "10", "10"]
        given[place] = amount
        let ads = "[\(Self.ad("a", given)), \(Self.ad("b", Array(repeating: amount, count: 4)))]"
        for policy in ["lag_aware", "battle_hardened"] {
          let selected = try await api.post(
            Self.path + "select", #"{"policy": "\#(policy)", "total_budget": 20, "ad_states": \#(ads)}"#
          ).done()
          let decided = try await api.post(
            Self.path + "decide", #"{"policy": "\#(policy)", "ad_states": \#(ads)}"#
          ).done()
          for item in try selected.list("recommendations") {
            for figures in [item["outlook"], item["metrics"]].compactMap({ $0 }) {
              for key in figures.keys { #expect(figures[key]?.kind != .null, "\(key)") }
            }
            _ = try item.number("confidence")
          }
          for item in try decided.list("decisions") {
            _ = try (item.number("pipeline_roas"), item.number("cash_roas"), item.number("spend"))
          }
        }
      }
    }
  }

  @Test(
    "A number is rounded to the nearest millionth, as a decimal string is",
    arguments: [
      ("0.0000004", 0.0), ("0.0000005", 0.000001), ("\"0.0000005\"", 0.000001), ("1e-308", 0),
      ("12.3456785", 12.345679),
      ("1.0000001", 1),
    ])
  func rounding(_ amount: String, _ rounded: Double) async throws {
    let test = try await TestSystem()
    try await test.serving(as: .operator) { api in
      let ads = "[\(Self.ad("a", [amount, "0", "0", "10"]))]"
      let answer = try await api.post(
        Self.path + "decide", #"{"policy": "battle_hardened", "ad_states": \#(ads)}"#
      ).done()
      #expect(try answer.number("decisions.0.spend") == rounded)
      let feedback =
        #"{"ad_id": "a", "date": "2026-05-01", "impressions": 10, "clicks": 1, "spend": \#(amount)}"#
      #expect(try await api.post(Self.path + "feedback", feedback).done().number("spend") == rounded)
    }
  }

  @Test("Amounts out of range are refused", arguments: ["-1e-308", "-5e-324", "1000000000.1", "1e308", "\"-1\""])
  func outOfRange(_ amount: String) async throws {
    let test = try await TestSystem()
    try await test.serving(as: .operator) { api in
      let ads = "[\(Self.ad("a", [amount, "0", "0", "10"]))]"
      let answer = try await api.post(Self.path + "decide", #"{"ad_states": \#(ads)}"#)
      #expect(answer.status == 422)
    }
  }
}
