import Testing
import Values

@Suite struct MoneyTests {
  @Test(arguments: [
    ("0", 0), ("-0", 0), ("12", 12_000_000), ("-12", -12_000_000), ("12.3", 12_300_000), ("007.50", 7_500_000),
    ("0.01", 10_000), ("0.000001", 1), ("-0.000001", -1), ("1.429999948", 1_430_000), ("1.4299994", 1_429_999),
    ("1.4299995", 1_430_000), ("0.00000049", 0), ("0.0000005", 1), ("-0.0000005", -1), ("0.00000050000000000", 1),
    ("0.9999995", 1_000_000), ("999999999.9999999", 1_000_000_000_000_000), ("1000000000", 1_000_000_000_000_000),
    ("-1000000000", -1_000_000_000_000_000), ("1000000000.0000004", 1_000_000_000_000_000),
  ])
  func readsADecimal(text: String, micros: Int64) {
    #expect(Money(decimal: text)?.micros == micros)
  }

  @Test(arguments: [
    "", "-", ".", "1.", "-1.", ".5", "-.5", "+1", " 1", "1 ", "1e3", "1E3", "1,5", "1.2.3", "--1", "1-", "0x1", "NaN",
    "inf", "1_000", "$1", "１", "٣", "1.٣", "1000000001", "1000000000.0000005", "-1000000000.000001",
    "9223372036854775808", "99999999999999999999999999",
  ])
  func rejectsAnythingElse(text: String) {
    #expect(Money(decimal: text) == nil)
  }

  @Test(arguments: [
    (0.0, 0), (-0.0, 0), (0.1 + 0.2, 300_000), (2.675, 2_675_000), (1.429999948, 1_430_000), (0.000_000_4, 0),
    (-0.000_000_4, 0), (0.000_000_6, 1), (-0.000_000_6, -1), (1_000_000_000, 1_000_000_000_000_000),
    (-1_000_000_000, -1_000_000_000_000_000), (1e-300, 0),
    // Halves that binary holds exactly: 1/128 is 7812.5 millionths, 3/128 is 23437.5.
    (0.0078125, 7_813), (-0.0078125, -7_813), (0.0234375, 23_438), (-0.0234375, -23_438),
  ])
  func roundsMajorUnits(amount: Double, micros: Int64) {
    #expect(Money(rounding: amount)?.micros == micros)
  }

  @Test(arguments: [
    Double.nan, .infinity, -.infinity, 1_000_000_000.000_001, -1_000_000_000.000_001, 1e18, -1e300,
  ])
  func rejectsMajorUnitsOutOfRange(amount: Double) {
    #expect(Money(rounding: amount) == nil)
  }

  @Test(arguments: [
    (0, "0.00"), (1, "0.000001"), (-1, "-0.000001"), (10_000, "0.01"), (12_000_000, "12.00"), (1_429_500, "1.4295"),
    (1_430_000, "1.43"), (-12_300_000, "-12.30"), (1_000_100, "1.0001"), (999_999, "0.999999"),
    (Int64.max, "9223372036854.775807"), (Int64.min, "-9223372036854.775808"),
  ])
  func describesTheExactDecimal(micros: Int64, text: String) {
    #expect(Money(micros: micros).description == text)
  }

  @Test func readsBackWhatItDescribes() {
    var random = TestRandom(seed: 1)
    for _ in 0..<20_000 {
      let digits = random.int(in: 0...15)
      let limit = (0..<digits).reduce(1) { power, _ in power * 10 }
      let money = Money(micros: Int64(random.int(in: -limit...limit)))
      guard Money(decimal: money.description) == money, Money(rounding: money.majorUnits) == money else {
        Issue.record("\(money.micros) became \(money.description)")
        return
      }
    }
  }

  @Test func countsMinorUnits() throws {
    let yen = try #require(Currency("JPY"))
    #expect(Money(minorUnits: 1_234, of: .usd).micros == 12_340_000)
    #expect(Money(minorUnits: 1_234, of: yen).micros == 1_234_000_000)
    #expect(Money(minorUnits: -5, of: .usd).micros == -50_000)
    #expect(Money(micros: 12_340_000).wholeMinorUnits(of: .usd) == 1_234)
    #expect(Money(micros: -12_340_000).wholeMinorUnits(of: .usd) == -1_234)
    #expect(Money(micros: 12_345_000).wholeMinorUnits(of: .usd) == nil)
    #expect(Money(micros: 12_340_001).wholeMinorUnits(of: .usd) == nil)
    #expect(Money(micros: 12_000_000).wholeMinorUnits(of: yen) == 12)
    #expect(Money(micros: 12_340_000).wholeMinorUnits(of: yen) == nil)
    #expect(Money.zero.wholeMinorUnits(of: yen) == 0)
  }

  @Test func minorUnitsMakeTheWayBack() throws {
    var random = TestRandom(seed: 2)
    let currencies = [Currency.usd, try #require(Currency("KRW"))]
    for _ in 0..<5_000 {
      let currency = currencies[random.int(in: 0...1)]
      let units = Int64(random.int(in: -100_000_000_000...100_000_000_000))
      #expect(Money(minorUnits: units, of: currency).wholeMinorUnits(of: currency) == units)
    }
  }

  @Test func addsExactlyOrNotAtAll() {
    #expect(Money(micros: 1).adding(Money(micros: -3)) == Money(micros: -2))
    #expect(Money(micros: .max).adding(Money(micros: 1)) == nil)
    #expect(Money(micros: .min).adding(Money(micros: -1)) == nil)
    #expect(Money(micros: .max).adding(Money(micros: .min)) == Money(micros: -1))
    #expect(Money(micros: .max - 1).adding(Money(micros: 1)) == Money(micros: .max))
  }

  @Test func aThousandTenthsAreAHundred() throws {
    let tenth = try #require(Money(decimal: "0.1"))
    var sum = Money.zero
    for _ in 0..<1_000 { sum = try #require(sum.adding(tenth)) }
    #expect(sum == Money(decimal: "100"))
  }

  @Test func ordersAmounts() {
    #expect(Money(micros: -2) < Money(micros: -1))
    #expect(Money(micros: 1) < Money(micros: 2))
    #expect(!(Money(micros: 2) < Money(micros: 2)))
    #expect(Money.zero == Money(micros: 0))
  }

  @Test(arguments: [(1_430_000, 1.43), (-1, -0.000_001), (0, 0), (1_000_000_000_000_000, 1e9)])
  func givesMajorUnits(micros: Int64, amount: Double) {
    #expect(Money(micros: micros).majorUnits == amount)
  }
}
