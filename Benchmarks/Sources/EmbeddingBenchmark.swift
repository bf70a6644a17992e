import ArgumentParser
import Formats
import Foundation
import TextEmbedding
import TextEmbeddingMiniLM

/// `benchmarks embedding`: texts a second through the embedded embedder, the tokenizer included.
struct EmbeddingBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embedding", abstract: "Embed the texts of a file, and print a line of JSON.")

  @Option(help: "The folder that scripts/models.sh fills.")
  var models = ".models"
  @Option(help: "A file with a JSON string on each line.")
  var texts: String
  @Option(help: "Texts in a call.")
  var batch = 32
  @Option(help: "Threads that compute, and calls under way at once.")
  var threads = 1
  @Option(help: "How often all texts are embedded.")
  var repeats = 1

  func run() async throws {
    let start = ContinuousClock.now
    let embedder = MiniLMEmbedder(modelsFolder: models, threads: threads)
    let first = try await embedder.embed(["the first text of a process"])
    let firstMilliseconds = (ContinuousClock.now - start) / .milliseconds(1)
    let texts = try read()
    // What the first calls pay for, such as pages of the embedding table, is no part of a rate.
    _ = try await embedder.embed(Array(texts.prefix(64)))
    let (begin, cpuBegin) = (ContinuousClock.now, cpuSeconds())
    let sum = try await embedAll(texts, embedder)
    let seconds = (ContinuousClock.now - begin) / .seconds(1)
    guard first.first?.count == 384, abs(sum / Double(texts.count * repeats) - 1) < 1e-4 else {
      throw ValidationError("vectors are not of length 1")
    }
    let rate = Double(texts.count * repeats) / seconds
    let cpuRate = Double(texts.count * repeats) / (cpuSeconds() - cpuBegin)
    print(
      """
      {"benchmark":"embedding","batch":\(batch),"threads":\(threads),"texts_s":\(rate),"texts_cpu_s":\(cpuRate),\
      "first_ms":\(firstMilliseconds),"peak_mb":\(peakMegabytes())}
      """)
  }

  private func read() throws -> [String] {
    try String(contentsOfFile: texts, encoding: .utf8).split(separator: "\n").map { line in
      try JSONReader.read(String(line)) { try $0.readString() }
    }
  }

  /// As many callers as threads, each with one call after the other. Returns the sum of the vectors' squared lengths.
  private func embedAll(_ texts: [String], _ embedder: MiniLMEmbedder) async throws -> Double {
    let (batch, threads, repeats) = (batch, threads, repeats)
    let starts = Array(stride(from: 0, to: texts.count, by: batch))
    return try await withThrowingTaskGroup(of: Double.self) { group in
      for caller in 0..<threads {
        group.addTask {
          var sum = 0.0
          for _ in 0..<repeats {
            for start in starts[caller...].enumerated().filter({ $0.offset % threads == 0 }).map(\.element) {
              let vectors = try await embedder.embed(Array(texts[start..<min(start + batch, texts.count)]))
              for vector in vectors { sum += vector.reduce(0) { $0 + Double($1) * Double($1) } }
            }
          }
          return sum
        }
      }
      return try await group.reduce(0, +)
    }
  }

  /// What the process has used of processors, in seconds.
  private func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// The most memory that the process has had, mapped files included.
  private func peakMegabytes() -> Double {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line.flatMap { $0.split(separator: " ").dropFirst().first.flatMap { Double($0) } }.map { $0 / 1_024 } ?? 0
  }
}
