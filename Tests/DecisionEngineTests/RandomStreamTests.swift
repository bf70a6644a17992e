import DecisionEngine
import Testing

/// The expected numbers come from a Python program written from the published algorithms alone: xoshiro256** 1.0
/// (Blackman, Vigna), SplitMix64 (Steele, Lea, Flood; checked against the published output for seed 1234567) and
/// FNV-1a, 64 bits. A stream of a name starts at the seed `mix(seed) ^ fnv1a(name)`, mix being SplitMix64's output
/// function.
@Suite struct RandomStreamTests {
  @Test(
    arguments: [
      (
        0,
        [
          0x99EC_5F36_CB75_F2B4, 0xBF6E_1F78_4956_452A, 0x1A5F_849D_4933_E6E0, 0x6AA5_94F1_262D_2D2C,
          0xBBA5_AD4A_1F84_2E59,
        ], 0x7AAC_8C48_3A2E_DD2F
      ),
      (
        1,
        [
          0xB3F2_AF6D_0FC7_10C5, 0x853B_5596_4736_4CEA, 0x92F8_9756_082A_4514, 0x642E_1C7B_C266_A3A7,
          0xB27A_48E2_9A23_3673,
        ], 0xB851_7C33_C344_D153
      ),
      (
        42,
        [
          0x1578_0B2E_0C2E_C716, 0x6104_D986_6D11_3A7E, 0xAE17_5332_39E4_99A1, 0xECB8_AD47_03B3_60A1,
          0xFDE6_DC7F_E2EC_5E64,
        ], 0x8DE5_848C_61AB_8968
      ),
      (
        UInt64.max,
        [
          0x8F55_20D5_2A7E_AD08, 0xC476_A018_CAA1_802D, 0x81DE_31C0_D260_469E, 0xBF65_8D7E_065F_3C2F,
          0x9135_93FD_A1BC_A32A,
        ], 0xC3C9_3EA5_CDE4_34CC
      ),
    ] as [(UInt64, [UInt64], UInt64)])
  func givesThePublishedNumbers(seed: UInt64, firstFive: [UInt64], thousandth: UInt64) {
    var stream = RandomStream(seed: seed)
    let numbers = (0..<1_000).map { _ in stream.next() }
    #expect(Array(numbers.prefix(5)) == firstFive)
    #expect(numbers[999] == thousandth)
  }

  @Test(
    arguments: [
      (0, "", [0x2138_2EF0_92ED_7068, 0x5B54_C052_757A_DF62, 0xA64C_B2CF_6879_5072]),
      (42, "ad_1", [0x1D5C_EB82_9A23_5E64, 0x5D8C_0CCE_B189_97FC, 0xE9E4_6905_66B5_585A]),
      (42, "ad_2", [0x35AB_783F_5888_7BF6, 0x8CC5_9E00_323E_1EB2, 0xD6A7_7CF9_77F3_EB38]),
      (43, "ad_1", [0xDA4D_5C87_5E97_CFB7, 0x1B76_741C_35A9_41F2, 0x1A4A_3E9F_B557_8037]),
      (7, "広告-é", [0x07D6_E67B_E1D5_2F87, 0x01AA_7146_B2CC_BAB9, 0x1BF1_615E_F8E7_B1EA]),
    ] as [(UInt64, String, [UInt64])])
  func aNameHasItsOwnNumbers(seed: UInt64, name: String, expected: [UInt64]) {
    var stream = RandomStream(seed: seed, name: name)
    #expect((0..<3).map { _ in stream.next() } == expected)
  }

  @Test func uniformNumbersComeFromTheUpperBits() {
    var stream = RandomStream(seed: 42)
    let expected = [0.08386297105988227, 0.3789802506626686, 0.6800434110281394, 0.9246929453253877]
    #expect((0..<4).map { _ in stream.nextUniform() } == expected)
  }

  @Test func namesAndSeedsNeverShareAStart() {
    var starts = Set<UInt64>()
    for seed in UInt64(0)..<20 {
      for index in 0..<1_000 {
        var stream = RandomStream(seed: seed, name: "ad_\(index)")
        starts.insert(stream.next())
      }
    }
    #expect(starts.count == 20_000)
  }

  @Test(arguments: [("ad_1", "ad_2"), ("1", "2"), ("a", "b"), ("ab", "ba"), ("", "0")])
  func streamsOfTwoNamesDoNotCorrelate(first: String, second: String) {
    var left = RandomStream(seed: 9, name: first)
    var right = RandomStream(seed: 9, name: second)
    let count = 20_000.0
    var (sum, equalBits) = (0.0, 0)
    for _ in 0..<20_000 {
      sum += (left.nextUniform() - 0.5) * (right.nextUniform() - 0.5)
      equalBits += 64 - (left.next() ^ right.next()).nonzeroBitCount
    }
    // A product of two such numbers has the standard deviation 1/12, the sum of 64 n fair bits 4 sqrt(n).
    #expect(abs(sum) < 4.5 * count.squareRoot() / 12)
    #expect(abs(Double(equalBits) - 32 * count) < 4.5 * 4 * count.squareRoot())
  }

  /// The draws of one seed over many names must be as even as those of one stream.
  @Test func firstNumbersOfManyNamesAreUniform() {
    let draws = (0..<20_000).map { index in
      var stream = RandomStream(seed: 5, name: "2385\(index)")
      return stream.nextUniform()
    }
    #expect(kolmogorovSmirnov(draws) { $0 } < 1.95)
  }

  @Test func uniformNumbersStayInTheOpenInterval() {
    var stream = RandomStream(seed: 3)
    let draws = (0..<200_000).map { _ in stream.nextUniform() }
    #expect(draws.allSatisfy { $0 > 0 && $0 < 1 })
    #expect(kolmogorovSmirnov(draws) { $0 } < 1.95)
    #expect(Set(draws).count == draws.count)
  }
}
