import Values

/// How files name the currency of an amount: by its code or by a sign.
enum CurrencySigns {
  /// Whether `unit`, as found beside an amount, can mean `currency`.
  ///
  /// A sign that several currencies share, such as `$` or `kr`, can mean each of them.
  static func mean(_ unit: String, _ currency: Currency) -> Bool {
    let unit = unit.trimmed
    if let stated = Currency(unit), unit.allSatisfy(\.isLetter), unit.uppercased() == stated.code,
      signs[unit.lowercased()] == nil
    {
      return stated == currency
    }
    return signs[unit.lowercased()]?.contains(currency.code) ?? false
  }

  /// The currency named by a column's unit, such as `USD` or `€`; nil for a unit of another kind, such as `all`.
  ///
  /// With `ofAmount` the column contains money, so that any three capitals are a currency.
  static func stated(_ unit: String, ofAmount: Bool) -> Statement? {
    if unit == unit.uppercased(), let currency = Currency(unit) {
      guard ofAmount || common.contains(currency.code) else { return nil }
      return Statement(text: currency.code)
    }
    return signs[unit.lowercased()] == nil ? nil : Statement(text: unit)
  }

  /// What a file states about its currency.
  struct Statement {
    let text: String

    func agrees(with currency: Currency) -> Bool { CurrencySigns.mean(text, currency) }
  }

  /// Currencies of ad accounts, without those whose code is a word in a header.
  private static let common: Set<String> = [
    "AED", "ARS", "AUD", "BDT", "BOB", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CRC", "CZK", "DKK", "DZD", "EGP",
    "EUR", "GBP", "GTQ", "HKD", "HNL", "HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KES", "KRW", "LKR", "MOP", "MXN",
    "MYR", "NGN", "NIO", "NOK", "NZD", "PEN", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "SAR", "SEK", "SGD", "THB",
    "TRY", "TWD", "UAH", "USD", "UYU", "VND", "ZAR",
  ]

  private static let dollars: Set<String> = [
    "USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP", "UYU",
  ]
  private static let crowns: Set<String> = ["SEK", "NOK", "DKK", "ISK"]

  private static let signs: [String: Set<String>] = [
    "$": dollars, "us$": ["USD"], "usd$": ["USD"], "ca$": ["CAD"], "c$": ["CAD"], "a$": ["AUD"], "au$": ["AUD"],
    "nz$": ["NZD"], "s$": ["SGD"], "hk$": ["HKD"], "nt$": ["TWD"], "mx$": ["MXN"], "r$": ["BRL"], "€": ["EUR"],
    "£": ["GBP", "EGP"], "¥": ["JPY", "CNY"], "￥": ["JPY", "CNY"], "円": ["JPY"], "元": ["CNY"], "₹": ["INR"],
    "rs": ["INR", "PKR", "LKR"], "rs.": ["INR", "PKR", "LKR"], "₩": ["KRW"], "원": ["KRW"], "kr": crowns,
    "kr.": crowns, "zł": ["PLN"], "kč": ["CZK"], "ft": ["HUF"], "₪": ["ILS"], "₺": ["TRY"], "tl": ["TRY"],
    "฿": ["THB"], "₫": ["VND"], "đ": ["VND"], "₱": ["PHP"], "rp": ["IDR"], "rm": ["MYR"], "lei": ["RON"],
    "₴": ["UAH"], "₦": ["NGN"], "s/": ["PEN"], "r": ["ZAR"], "sfr.": ["CHF"], "fr.": ["CHF"],
  ]
}
