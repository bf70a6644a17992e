import ArgumentParser

/// What must be fast, timed in process. `Benchmarks/run.py` sets the figures beside a peer's.
@main
struct Benchmarks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmarks",
    subcommands: [
      SelectBenchmark.self, LagAwareBenchmark.self, DecisionSizeBenchmark.self, JobsBenchmark.self,
      JobFleetBenchmark.self, PostgresBenchmark.self,
      ExecutionBenchmark.self, LoopBenchmark.self, FatigueBenchmark.self, StreamsBenchmark.self, VectorBenchmark.self,
      EmbeddingBenchmark.self,
    ])
}
