import ArgumentParser
import DecisionEngine
import Decisions
import Foundation
import Simulator
import Values

/// `simulate`: tries policies in simulated markets.
struct SimulateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate", abstract: "Try policies in simulated markets.",
    discussion: """
      Every policy spends the same budget on the same ads, and learns of clicks,
      leads and deals as an account would. It is judged by the expected revenue
      of its spend, as a share of that of the clairvoyant, which knows what each ad
      is worth. battle_hardened always takes part: the others are compared with it.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case table, json
  }

  @Option(help: "A policy to try. Repeatable. (default: all of them)")
  var policy: [PolicyName] = []
  @Option(help: "The world to try them in, or all.")
  var world = WorldChoice(worlds: [.base])
  @Option(help: "How many times each policy is tried, each time with other ads and prices: 1 to 100000.")
  var seeds = 100
  @Option(help: "The first of the consecutive seeds, 0 to 2^53 - 1.")
  var firstSeed: UInt64 = 1
  @Option(help: "How many seeds are simulated in parallel. (default: the number of cores)")
  var jobs: Int?
  @Option(help: "Make the initial beliefs of lag_aware wrong by this factor, 0.01 to 100, to see what that costs.")
  var priorFactor = 1.0
  @Option(help: "The output format: table or json.")
  var format = Format.table
  @Option(help: "Draw the shares over the days into this SVG file; for one world.")
  var chart: String?

  func validate() throws {
    guard (1...100_000).contains(seeds) else { throw ValidationError("--seeds is \(seeds): it must be 1 to 100000") }
    guard firstSeed <= SelectionInputs.seedLimit - UInt64(seeds) else {
      throw ValidationError("--first-seed is \(firstSeed): every seed must be 0 to \(SelectionInputs.seedLimit - 1)")
    }
    guard (0.01...100).contains(priorFactor) else {
      throw ValidationError("--prior-factor is \(priorFactor): it must be 0.01 to 100")
    }
    if let jobs, jobs < 1 { throw ValidationError("--jobs is \(jobs): it must be 1 or more") }
    guard chart == nil || world.worlds.count == 1 else {
      throw ValidationError("--chart draws one world: name it with --world")
    }
  }

  func run() async throws {
    try await reportingFailures {
      let file = try chart.map(ChartFile.init)
      let trials = Trials(
        worlds: world.worlds, policies: policies, prior: FieldPrior().wrong(by: priorFactor), firstSeed: firstSeed,
        seeds: seeds,
        jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount)
      let reports = try await trials.run()
      switch format {
      case .table: Console.print(reports.map(SimulationTable.text).joined(separator: "\n\n"))
      case .json: Console.print(SimulationJSON.text(reports))
      }
      if let file, let report = reports.first { try file.write(SimulationChart(report).svg) }
    }
  }

  private var policies: [PolicyName] {
    policy.isEmpty ? PolicyName.allCases : PolicyName.allCases.filter { $0 == .battleHardened || policy.contains($0) }
  }
}

/// One world's report.
struct WorldReport {
  let world: WorldName
  let report: SimulationReport
}

/// The trials to run, and how many of them in parallel.
private struct Trials {
  let worlds: [WorldName]
  let policies: [PolicyName]
  let prior: FieldPrior
  let firstSeed: UInt64
  let seeds: Int
  let jobs: Int

  private let bar = ProgressBar()

  init(
    worlds: [WorldName], policies: [PolicyName], prior: FieldPrior, firstSeed: UInt64, seeds: Int, jobs: Int
  ) {
    self.prior = prior
    self.worlds = worlds
    self.policies = policies
    self.firstSeed = firstSeed
    self.seeds = seeds
    self.jobs = jobs
  }

  /// The reports, in the order of the worlds: nothing depends on the order in which trials finish.
  func run() async throws -> [WorldReport] {
    defer { bar.finish() }
    var reports: [WorldReport] = []
    for (position, world) in worlds.enumerated() {
      let runs = try await run(world, before: position * seeds)
      if let report = SimulationReport(runs) { reports.append(WorldReport(world: world, report: report)) }
    }
    return reports
  }

  /// The outcomes of each seed of a world, in the order of the seeds; `before` seeds are done already.
  private func run(_ world: WorldName, before: Int) async throws -> [[SimulationOutcome]] {
    var finished: [(number: Int, outcomes: [SimulationOutcome])] = []
    func finish(_ piece: (Int, [SimulationOutcome])) {
      finished.append(piece)
      bar.show(Int64(before + finished.count), of: Int64(worlds.count * seeds), world.rawValue)
    }
    let (policies, prior, firstSeed, parameters) = (policies, prior, firstSeed, world.parameters)
    try await withThrowingTaskGroup(of: (Int, [SimulationOutcome]).self) { group in
      for number in 0..<seeds {
        if number >= jobs, let piece = try await group.next() { finish(piece) }
        group.addTask {
          try Task.checkCancellation()
          let seed = firstSeed + UInt64(number)
          return (number, try Simulation.run(world: parameters, seed: seed, policies: policies, prior: prior))
        }
      }
      for try await piece in group { finish(piece) }
    }
    return finished.sorted { $0.number < $1.number }.map(\.outcomes)
  }
}

/// A file that a chart is written to.
private struct ChartFile {
  private let path: String

  /// Throws where nothing can be written there, before any work is done.
  init(_ path: String) throws {
    self.path = path
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard FileManager.default.isWritableFile(atPath: folder) else { throw refusal }
  }

  func write(_ text: String) throws {
    do {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    } catch {
      throw refusal
    }
  }

  private var refusal: SettingError {
    SettingError(name: "--chart", value: path, rule: "must be a file that can be written")
  }
}

/// One world by its name, or all of them.
struct WorldChoice: ExpressibleByArgument {
  let worlds: [WorldName]

  private static let all = "all"

  init(worlds: [WorldName]) {
    self.worlds = worlds
  }

  init?(argument: String) {
    if argument == Self.all {
      worlds = WorldName.allCases
    } else if let world = WorldName(rawValue: argument) {
      worlds = [world]
    } else {
      return nil
    }
  }

  var defaultValueDescription: String { worlds.count == 1 ? worlds[0].rawValue : Self.all }

  static var allValueStrings: [String] { WorldName.allCases.map(\.rawValue) + [all] }
}

extension PolicyName: ExpressibleByArgument {}
