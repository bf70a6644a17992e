import DecisionEngine
import Values

/// Faults of the Graph API's answers, drawn in the order of the requests.
struct GraphFaults: Sendable {
  /// What happens to a request instead of its answer.
  enum Trouble: Equatable, Sendable {
    /// It is refused because of too many calls.
    case limited
    /// It fails, before or after it was carried out.
    case failed(isDone: Bool)
  }

  /// Whether a lost request of a batch is carried out before it is lost.
  enum Loss: Sendable {
    case before, after
  }

  private(set) var rates = FaultRates()
  private(set) var restatement: Restatement?
  private let seed: UInt64
  private var stream: RandomStream
  /// The number of times that each fault has happened.
  private(set) var counts: [SandboxFault: Int] = [:]

  init(rates: FaultRates, seed: UInt64) {
    self.seed = seed
    stream = RandomStream(seed: seed, name: "graph faults")
    set(rates)
  }

  /// Replaces the rates from now on.
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

  /// The fault of the next request; nil if it is answered.
  mutating func trouble() -> Trouble? {
    if happens(.tooManyCalls) { return .limited }
    if happens(.serverError) { return .failed(isDone: stream.nextUniform() < 0.5) }
    return nil
  }

  /// The delay of the next answer, in milliseconds; nil if it is not late.
  mutating func lateness() -> Int64? {
    happens(.latency)
      ? Int64(clamping: stream.nextUniform() * Double(rates.latencyMilliseconds)) : nil
  }

  /// The loss of the next request of a batch; nil if it is answered.
  mutating func loseItem() -> Loss? {
    guard happens(.null) else { return nil }
    return stream.nextUniform() < 0.5 ? .before : .after
  }

  /// Whether the next report fails: at the same rate as answers.
  mutating func failsReport() -> Bool { happens(.serverError) }
}
