import RemoteAPIs
import Testing
import Values

/// Meta's table of currencies: the letters, and how many of Meta's units make one of the currency.
private let metaTable: [String: Int64] = [
  "DZD": 100, "ARS": 100, "AUD": 100, "BHD": 100, "BDT": 100, "BOB": 100, "BGN": 100, "BRL": 100, "GBP": 100,
  "CAD": 100, "CLP": 1, "CNY": 100, "COP": 1, "CRC": 1, "HRK": 100, "CZK": 100, "DKK": 100, "EGP": 100, "EUR": 100,
  "GTQ": 100, "HNL": 100, "HKD": 100, "HUF": 1, "ISK": 1, "INR": 100, "IDR": 1, "ILS": 100, "JPY": 1, "JOD": 100,
  "KES": 100, "KRW": 1, "LVL": 100, "LTL": 100, "MOP": 100, "MYR": 100, "MXN": 100, "NZD": 100, "NIO": 100,
  "NGN": 100, "NOK": 100, "PKR": 100, "PYG": 1, "PEN": 100, "PHP": 100, "PLN": 100, "QAR": 100, "RON": 100,
  "RUB": 100, "SAR": 100, "RSD": 100, "SGD": 100, "SKK": 100, "ZAR": 100, "SEK": 100, "CHF": 100, "TWD": 1,
  "THB": 100, "TRY": 100, "AED": 100, "UAH": 100, "USD": 100, "UYU": 100, "VEF": 100, "VND": 1, "FBZ": 100,
  "VES": 100,
]

@Suite("Amounts in Meta's units")
struct MetaCurrencyTests {
  private func units(_ amount: String, _ code: String) throws -> Int64 {
    try MetaAmount(try #require(Money(decimal: amount)), in: MetaCurrency(code)).units
  }

  @Test("the table is Meta's, and no other currency is known")
  func table() {
    #expect(MetaCurrency.codes == Set(metaTable.keys))
  }

  @Test("every currency of the table: 5,000, and back", arguments: metaTable.sorted { $0.key < $1.key })
  func whole(_ code: String, _ offset: Int64) throws {
    let currency = try MetaCurrency(code)
    #expect(currency.offset == offset)
    let amount = try MetaAmount(Money(micros: 5_000_000_000), in: currency)
    #expect(amount.units == 5_000 * offset)
    #expect(amount.money == Money(micros: 5_000_000_000))
    let least = try MetaAmount(Money(micros: 1_000_000 / offset), in: currency)
    #expect(least.units == 1)
  }

  @Test(
    "amounts, one by one",
    arguments: [
      ("5000", "JPY", 5_000), ("5000", "HUF", 5_000), ("150000", "IDR", 150_000), ("50.00", "USD", 5_000),
      ("50.01", "USD", 5_001), ("0.01", "USD", 1), ("12.34", "BHD", 1_234), ("12.34", "JOD", 1_234),
      ("99", "TWD", 99), ("1", "CLP", 1), ("1000000000", "VND", 1_000_000_000), ("0.29", "EUR", 29),
      ("1.10", "GBP", 110), ("1000000000", "USD", 100_000_000_000),
    ])
  func amounts(_ amount: String, _ code: String, _ expected: Int64) throws {
    #expect(try units(amount, code) == expected)
  }

  @Test(
    "amounts finer than the unit, nothing, and too much are refused, not rounded",
    arguments: [
      ("12.5", "JPY"), ("5000.01", "HUF"), ("0.5", "IDR"), ("0.001", "USD"), ("1.005", "BHD"), ("0", "USD"),
      ("-1", "USD"), ("0.999999", "EUR"),
    ])
  func refused(_ amount: String, _ code: String) throws {
    #expect(throws: MetaCurrencyError.self) { try units(amount, code) }
  }

  @Test("too much is refused")
  func tooMuch() throws {
    let usd = try MetaCurrency("USD")
    #expect(throws: MetaCurrencyError.outOfRange(Money(micros: .max), usd)) {
      try MetaAmount(Money(micros: .max), in: usd)
    }
  }

  @Test("a currency that Meta's table lacks is refused by name", arguments: ["KWD", "XXX", "US", "", "usd1", "BTC"])
  func unknown(_ code: String) {
    #expect(throws: MetaCurrencyError.unknown(code)) { try MetaCurrency(code) }
  }

  @Test("an amount is shown as a person reads it")
  func shown() throws {
    #expect("\(try MetaAmount(Money(micros: 5_000_000_000), in: MetaCurrency("jpy")))" == "5000.00 JPY")
    #expect(
      "\(MetaCurrencyError.fraction(Money(micros: 12_500_000), try MetaCurrency("JPY")))"
        == "amount 12.50 JPY must be a multiple of 1.00 JPY")
  }
}
