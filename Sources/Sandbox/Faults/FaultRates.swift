/// What can go wrong in a sandbox, as it does with Meta, HubSpot and people.
package enum SandboxFault: String, Sendable, CaseIterable {
  /// Answers that come late.
  case latency
  /// Answers that say that there were too many calls.
  case tooManyCalls = "429"
  /// Answers that say that the server failed; every second such write was made all the same.
  case serverError = "500"
  /// Requests of a batch whose answer is null; every second one was done all the same.
  case null
  /// Figures that are stated anew within 28 days.
  case restate
  /// Webhooks that are never sent.
  case lostWebhook = "lost_webhook"
  /// People who change budgets and switches.
  case handEdit = "hand_edit"

  /// How often it happens unless told: as a share of answers, requests of batches or webhooks, of the days of ads, or as
  /// edits a day.
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
  /// How late a late answer is at most, in milliseconds.
  package var latencyMilliseconds: Int64 = 1_500

  /// No faults.
  package init() {}

  /// Reads a list such as `latency,429=0.1`; nil where it names what is no fault, or a rate outside of 0 to 1.
  package init?(_ text: String) {
    for item in text.split(separator: ",") {
      let parts = item.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
      guard let fault = parts.first.flatMap(SandboxFault.init) else { return nil }
      let rate = parts.count > 1 ? Double(parts[1]) : fault.usualRate
      guard let rate, (0...1).contains(rate) else { return nil }
      rates[fault] = rate
    }
  }

  /// Lets a fault happen at a rate of 0 to 1.
  package mutating func set(_ fault: SandboxFault, _ rate: Double) {
    rates[fault] = min(max(rate, 0), 1)
  }

  /// How often a fault happens; 0 for never.
  package func rate(_ fault: SandboxFault) -> Double { rates[fault] ?? 0 }
}
