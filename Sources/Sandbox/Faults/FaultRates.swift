/// A kind of fault of a sandbox, as it happens with Meta, HubSpot and people.
package enum SandboxFault: String, Sendable, CaseIterable {
  /// Answers are late.
  case latency
  /// Answers say that there were too many calls.
  case tooManyCalls = "429"
  /// Answers say that the server failed; every second such write is carried out nevertheless.
  case serverError = "500"
  /// The answer to a request of a batch is null; every second one is carried out nevertheless.
  case null
  /// Figures are restated within 28 days.
  case restate
  /// Webhooks are never sent.
  case lostWebhook = "lost_webhook"
  /// People change budgets, and pause and activate ads.
  case handEdit = "hand_edit"

  /// The rate unless another is set: a share of answers, of requests of batches, of webhooks or of the days of ads, or
  /// a number of edits a day.
  package var usualRate: Double {
    switch self {
    case .latency, .lostWebhook, .null: 0.05
    case .tooManyCalls, .serverError: 0.03
    case .restate: 0.3
    case .handEdit: 0.5
    }
  }
}

/// Which faults happen, and how often.
package struct FaultRates: Sendable {
  /// The rates of the faults that happen.
  package private(set) var rates: [SandboxFault: Double] = [:]
  /// The upper bound of the delay of late answers, in milliseconds.
  package var latencyMilliseconds: Int64 = 1_500

  /// No faults.
  package init() {}

  /// Reads a list such as `latency,429=0.1`; nil if it has an unknown fault or a rate outside 0 to 1.
  package init?(_ text: String) {
    for item in text.split(separator: ",") {
      let parts = item.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
      guard let fault = parts.first.flatMap(SandboxFault.init) else { return nil }
      let rate = parts.count > 1 ? Double(parts[1]) : fault.usualRate
      guard let rate, (0...1).contains(rate) else { return nil }
      rates[fault] = rate
    }
  }

  /// Sets the rate of a fault, 0 to 1.
  package mutating func set(_ fault: SandboxFault, _ rate: Double) {
    rates[fault] = min(max(rate, 0), 1)
  }

  /// The rate of a fault; 0 for never.
  package func rate(_ fault: SandboxFault) -> Double { rates[fault] ?? 0 }
}
