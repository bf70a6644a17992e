/// A currency by its ISO 4217 letters, with the minor unit that Meta counts budgets in.
public struct Currency: Hashable, Sendable, CustomStringConvertible {
  /// United States dollar, the default of a new account.
  public static let usd = Currency(known: "USD")

  /// Three upper-case letters, such as `EUR`.
  public let code: String

  /// How many minor units make one major unit: 100, or 1 for the currencies that Meta budgets in whole units.
  ///
  /// Source: Meta Marketing API, "Currencies": its offsets differ from ISO 4217 (HUF and TWD are whole there).
  public let minorUnitsPerMajor: Int64

  /// Accepts three ASCII letters in either case; returns nil for anything else.
  public init?(_ code: String) {
    // Checked before upper-casing: the upper-case forms of "ßA" and "ﬁX" are three ASCII letters too.
    guard code.utf8.count == 3,
      code.utf8.allSatisfy({ $0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z") })
    else { return nil }
    self.init(known: code.uppercased())
  }

  private init(known code: String) {
    self.code = code
    minorUnitsPerMajor = Self.wholeUnitCurrencies.contains(code) ? 1 : 100
  }

  /// How many decimals a budget in this currency has: 2 or 0.
  public var decimals: Int { minorUnitsPerMajor == 1 ? 0 : 2 }

  public var description: String { code }

  private static let wholeUnitCurrencies: Set<String> = [
    "CLP", "COP", "CRC", "HUF", "ISK", "IDR", "JPY", "KRW", "PYG", "TWD", "VND",
  ]
}
