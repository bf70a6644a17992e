import Values

/// A currency that Meta bills ad accounts in, with the unit that its API uses for budgets.
///
/// The unit is Meta's own, not that of ISO 4217: budgets in HUF or TWD are whole forints and dollars, budgets in BHD
/// are hundredths of a dinar. Source: Meta Marketing API, "Currencies".
package struct MetaCurrency: Hashable, Sendable, CustomStringConvertible {
  package let currency: Currency

  /// Throws ``MetaCurrencyError/unknown(_:)`` for letters that are not in Meta's table: no budget may be written in a
  /// currency whose unit is a guess.
  package init(_ code: String) throws(MetaCurrencyError) {
    guard let currency = Currency(code), Self.codes.contains(currency.code) else { throw .unknown(code) }
    self.currency = currency
  }

  /// How many of Meta's units make one unit of the currency: 100 or 1.
  package var offset: Int64 { currency.minorUnitsPerMajor }

  package var description: String { currency.code }

  /// The letters in Meta's table, in its order.
  package static let codes: Set<String> = [
    "DZD", "ARS", "AUD", "BHD", "BDT", "BOB", "BGN", "BRL", "GBP", "CAD", "CLP", "CNY", "COP", "CRC", "HRK", "CZK",
    "DKK", "EGP", "EUR", "GTQ", "HNL", "HKD", "HUF", "ISK", "INR", "IDR", "ILS", "JPY", "JOD", "KES", "KRW", "LVL",
    "LTL", "MOP", "MYR", "MXN", "NZD", "NIO", "NGN", "NOK", "PKR", "PYG", "PEN", "PHP", "PLN", "QAR", "RON", "RUB",
    "SAR", "RSD", "SGD", "SKK", "ZAR", "SEK", "CHF", "TWD", "THB", "TRY", "AED", "UAH", "USD", "UYU", "VEF", "VND",
    "FBZ", "VES",
  ]
}

/// An amount in the units of Meta's API: the only form in which a budget can be sent.
package struct MetaAmount: Hashable, Sendable, CustomStringConvertible {
  /// Meta's units, above 0.
  package let units: Int64
  /// The currency of the units.
  package let currency: MetaCurrency

  /// Converts an amount of money exactly.
  ///
  /// Throws ``MetaCurrencyError`` where the amount is not above 0, is above ``Money/largestInput`` or has a fraction
  /// smaller than Meta's unit: it is never rounded, because a caller who meant another amount must learn of it.
  package init(_ money: Money, in currency: MetaCurrency) throws(MetaCurrencyError) {
    guard money > .zero, money <= Money(micros: Int64(Money.largestInput) * 1_000_000) else {
      throw .outOfRange(money, currency)
    }
    guard let units = money.wholeMinorUnits(of: currency.currency) else { throw .fraction(money, currency) }
    self.units = units
    self.currency = currency
  }

  /// The amount in major units.
  package var money: Money { Money(minorUnits: units, of: currency.currency) }

  /// The amount for people, such as `50.00 USD`.
  package var description: String { "\(money) \(currency)" }
}

/// Why an amount cannot be sent to Meta. Nothing was sent.
package enum MetaCurrencyError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Meta's table has no such currency.
  case unknown(String)
  /// The amount has a fraction smaller than Meta's unit.
  case fraction(Money, MetaCurrency)
  /// The amount is 0, negative or too large.
  case outOfRange(Money, MetaCurrency)

  package var description: String {
    switch self {
    case .unknown(let code):
      "currency '\(code.prefix(20))' is not in Meta's table of currencies, so its unit is unknown: no budget is written"
    case .fraction(let money, let currency):
      "amount \(money) \(currency) must be a multiple of \(Money(minorUnits: 1, of: currency.currency)) \(currency)"
    case .outOfRange(let money, let currency):
      "amount \(money) \(currency) must be above 0 and at most \(Money.largestInput)"
    }
  }
}
