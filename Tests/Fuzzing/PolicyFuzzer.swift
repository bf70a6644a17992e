import Accounts
import App
import DecisionEngine
import Decisions
import Formats
import Foundation
import Simulator
import Values
import Web

/// Drives every policy by lines of the `policy` command's protocol, and hands ads of all magnitudes straight to the two
/// policies that decide.
package struct PolicyFuzzer: Sendable {
  /// The most lines of one session.
  package static let longestSession = 12

  private let seed: UInt64
  private let folder: URL

  /// Works in `folder`, where it writes each line before it answers it, to `last-line.txt`.
  package init(seed: UInt64, folder: URL) {
    self.seed = seed
    self.folder = folder
  }

  /// Runs sessions from number `first` on until `lines` lines were answered.
  package func run(from first: Int = 0, lines: Int) throws -> FuzzReport {
    var report = FuzzReport()
    var number = first
    while report.count < lines {
      var random = FuzzRandom(seed: seed, number: -1 - number)
      try session(number, &random, &report)
      try selection(number, &random, &report)
      number += 1
    }
    return report
  }

  private func session(_ number: Int, _ random: inout FuzzRandom, _ report: inout FuzzReport) throws {
    let maker = PolicyLineMaker(&random)
    let name = random.chance(3, in: 4) ? random.pick([.lagAware, .battleHardened]) : random.pick(PolicyName.allCases)
    let currency = random.pick(["USD", "JPY", "KWD"].compactMap { Currency($0) })
    let limit = random.chance(1, in: 3) ? nil : 0.5
    var lines: PolicyLines
    do {
      lines = try PolicyLines(
        name, stages: maker.stages, currency: currency, seed: random.next() >> 11, maximumDailyChange: limit)
    } catch {
      report.add("stages refused")
      return
    }
    for day in 0..<random.int(1...Self.longestSession) {
      let line = maker.line(day, &random)
      try note(number, name.rawValue, line)
      do {
        let answer = try lines.answer(line.bytes)
        report.add("answered")
        if let problem = Self.problem(answer) {
          add(problem, number, "\(name) \(currency)\n\(String(decoding: line.bytes, as: UTF8.self))", answer, &report)
        }
      } catch {
        report.add("refused")
        return
      }
    }
  }

  /// What is wrong with an answered line: budgets are finite and not negative.
  private static func problem(_ answer: String) -> String? {
    guard let json = try? JSONReader.read(answer, { try $0.readValue() }), case .object(let budgets)? = json["budgets"]
    else { return "the answer is no line with budgets" }
    for member in budgets.members {
      guard let budget = member.value.doubleValue, budget >= 0 else { return "a budget is no amount" }
    }
    return nil
  }

  private func selection(_ number: Int, _ random: inout FuzzRandom, _ report: inout FuzzReport) throws {
    guard let account = AccountID("acme") else { return }
    var ads: [AdState] = []
    for index in 0..<random.int(1...8) {
      let impressions = random.magnitude()
      guard let adID = AdID("ad\(index)"), let counts = Int(exactly: impressions.rounded()) else { continue }
      let state = try? AdState(
        accountID: account, adID: adID, impressions: counts, clicks: random.chance(1, in: 4) ? counts : counts / 50,
        spend: random.magnitude(), pipelineValue: random.magnitude(), cashRevenue: random.magnitude(),
        ageHours: random.magnitude(), statedDailyBudget: random.chance(1, in: 2) ? random.magnitude() : nil)
      if let state { ads.append(state) }
    }
    var configuration = AccountConfiguration()
    configuration.exploration = random.pick([0, 0.5, 1])
    for policy in Policy.allCases {
      let inputs = SelectionInputs(
        policy: policy, ads: ads, now: Instant(seconds: Int64(random.int(0...4_000_000_000))),
        totalBudget: Int64(random.pick([1, 100, 1_000, 60_000, 100_000_000_000, random.int(1...1_000_000)])),
        seed: random.next() >> 11, limitsChange: random.chance(1, in: 2))
      let text = ads.map { "\($0)" }.joined(separator: "\n")
      try note(number, "selection by \(policy) of \(inputs.totalBudget)", .raw(text))
      do {
        let selection = try inputs.select(configuration)
        report.add("selected")
        let answer = SelectionCoding(configuration).explained(selection, basis: nil).text
        if selection.allocatedBudget > selection.totalBudget {
          add("more is allocated than there is", number, "\(policy)\n\(text)", answer, &report)
        }
        if (try? JSONReader.read(answer) { try $0.readValue() }) == nil {
          add("the selection is no JSON", number, "\(policy)\n\(text)", answer, &report)
        }
      } catch {
        report.add("selection refused")
      }
    }
  }

  private func add(
    _ problem: String, _ number: Int, _ input: String, _ answer: String, _ report: inout FuzzReport
  ) {
    report.add(
      FuzzFailure(seed: seed, number: number, problem: problem, input: input, answer: answer), kind: problem)
  }

  private func note(_ number: Int, _ what: String, _ line: FuzzJSON) throws {
    try Data("seed \(seed), session \(number), \(what)\n".utf8 + line.bytes)
      .write(to: folder.appending(path: "last-line.txt"))
  }
}

extension FuzzRandom {
  /// A number that is not negative, of any magnitude.
  mutating func magnitude() -> Double {
    switch int(0...5) {
    case 0:
      pick([0, .leastNonzeroMagnitude, 1e-300, 1e-9, 0.01, 1, 1e9, 1e12, 1e15, 9e15, 1e18, 1e100, 1e300, 1.7e308])
    case 1: Double(sign: .plus, exponent: int(-300...300), significand: 1.5)
    default: Double(int(0...10_000_000)) / Double(pick([1, 10, 1_000]))
    }
  }
}
