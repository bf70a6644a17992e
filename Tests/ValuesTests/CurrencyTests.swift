import Testing
import Values

@Suite struct CurrencyTests {
  /// The currencies with offset 1 in Meta's table of currencies.
  static let whole = ["CLP", "COP", "CRC", "HUF", "IDR", "ISK", "JPY", "KRW", "PYG", "TWD", "VND"]

  @Test func exactlyMetasListIsCountedInWholeUnits() throws {
    let letters = (UInt8(ascii: "A")...UInt8(ascii: "Z")).map { String(UnicodeScalar($0)) }
    var found: [String] = []
    for first in letters {
      for second in letters {
        for third in letters {
          let currency = try #require(Currency(first + second + third))
          if currency.minorUnitsPerMajor != 100 { found.append(currency.code) }
        }
      }
    }
    #expect(found == Self.whole)
  }

  @Test(arguments: whole)
  func aWholeCurrencyHasNoDecimals(code: String) throws {
    let currency = try #require(Currency(code))
    #expect(currency.minorUnitsPerMajor == 1)
    #expect(currency.decimals == 0)
  }

  @Test(arguments: ["USD", "EUR", "GBP", "BRL", "KWD", "INR"])
  func anotherCurrencyHasTwoDecimals(code: String) throws {
    let currency = try #require(Currency(code))
    #expect(currency.minorUnitsPerMajor == 100)
    #expect(currency.decimals == 2)
  }

  @Test func readsEitherCase() throws {
    #expect(Currency("usd") == .usd)
    #expect(Currency("uSd") == .usd)
    #expect(try #require(Currency("eur")).code == "EUR")
    #expect(try #require(Currency("eur")).description == "EUR")
    #expect(Currency("EUR") != .usd)
  }

  @Test(arguments: [
    "", "U", "US", "USDT", "US1", "U D", "USD ", " USD", "US.", "ÜSD", "€UR", "US\u{0}", "ＵＳＤ",
    // Letters that become plain capitals: "SSA", "FIX", "IDR".
    "ßA", "ﬁX", "ıdr",
  ])
  func rejectsAnythingElse(text: String) {
    #expect(Currency(text) == nil)
  }
}
