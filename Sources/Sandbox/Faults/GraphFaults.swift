import DecisionEngine
import Values

/// What goes wrong with answers of the Graph API, drawn in the order of the requests.
struct GraphFaults: Sendable {
  /// What becomes of a request instead of its answer.
  enum Trouble: Equatable, Sendable {
    /// It is refused: too many calls.
    case limited
    /// It fails, before or after it was done.
    case failed(isDone: Bool)
  }

  /// When a request of a batch is lost: before or after it was done.
  enum Loss: Sendable {
    case before, after
  }

  private(set) var rates = FaultRates()
  private(set) var restatement: Restatement?
  private let seed: UInt64
  private var stream: RandomStream
  /// How often each has happened.
  private(set) var counts: [SandboxFault: Int] = [:]

  init(rates: FaultRates, seed: UInt64) {
    self.seed = seed
    stream = RandomStream(seed: seed, name: "graph faults")
    set(rates)
  }

  /// Lets other faults happen from now on.
  mutating func set(_ rates: FaultRates) {
    self.rates = rates
    restatement =
      rates.rate(.restate) > 0 ? Restatement(seed: seed, share: rates.rate(.restate)) : nil
  }

  private mutating func happens(_ fault: SandboxFault) -> Bool {
    let rate = rates.rate(fault)
    guard rate > 0, stream.nextUniform() < rate else { return false }
    counts[fault, default: 0] += 1
    return true
  }

  /// What becomes of the next request; nil where it is answered.
  mutating func trouble() -> Trouble? {
    if happens(.tooManyCalls) { return .limited }
    if happens(.serverError) { return .failed(isDone: stream.nextUniform() < 0.5) }
    return nil
  }

  /// How late the next answer is, in milliseconds; nil where it is not.
  mutating func lateness() -> Int64? {
    happens(.latency)
      ? Int64(clamping: stream.nextUniform() * Double(rates.latencyMilliseconds)) : nil
  }

  /// When the next request of a batch is lost; nil where it is answered.
  mutating func loseItem() -> Loss? {
    guard happens(.null) else { return nil }
    return stream.nextUniform() < 0.5 ? .before : .after
  }

  /// Whether the next report fails: as often as answers do.
  mutating func failsReport() -> Bool { happens(.serverError) }
}
