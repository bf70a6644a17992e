/// A way in which HubSpot can fail.
package enum FakeFault: String, CaseIterable, Sendable {
  /// 429 by the limit of ten seconds, without saying how long to wait.
  case tenSecondly
  /// 429 by the limit of ten seconds, with Retry-After.
  case tenSecondlyRetryAfter
  /// 429 by the limit of a day.
  case daily
  /// 429 by the limit of a day, with Retry-After.
  case dailyRetryAfter
  /// 500
  case serverError
  /// 502
  case badGateway
  /// 503
  case serviceUnavailable
  /// 423, the record is locked.
  case locked
  /// 477, the account is moved to another place, with Retry-After.
  case moving
  /// The right answer, late.
  case slow
  /// No answer until the connection is closed.
  case never
  /// An answer that comes to half, and then no more until the connection is closed.
  case stalled
  /// An answer whose connection ends before its Content-Length.
  case truncated
  /// A complete answer whose JSON breaks off.
  case cutJSON
}

/// When to fail, and how.
package struct FakeFaults: Sendable {
  /// Those that happen to the next requests, in order, whatever the rates are.
  package var next: [FakeFault] = []
  /// How often each happens, as a share of the requests.
  package var rates: [FakeFault: Double] = [:]
  /// How late a slow answer is, in milliseconds.
  package var delayMilliseconds: Int64 = 200
  /// What Retry-After says, in seconds.
  package var retryAfterSeconds = 1
  private var numbers: SeededNumbers

  init(seed: UInt64) {
    numbers = SeededNumbers(seed: seed)
  }

  /// Lets each of the faults that pass by themselves happen to an equal part of `rate`, 0 to 1.
  package mutating func spread(_ rate: Double) {
    let passing: [FakeFault] = [
      .tenSecondlyRetryAfter, .serverError, .badGateway, .serviceUnavailable, .slow, .truncated, .cutJSON,
    ]
    rates = Dictionary(uniqueKeysWithValues: passing.map { ($0, rate / Double(passing.count)) })
  }

  /// What happens to the next request.
  mutating func draw() -> FakeFault? {
    if !next.isEmpty { return next.removeFirst() }
    var rest = Double.random(in: 0..<1, using: &numbers)
    for fault in FakeFault.allCases {
      rest -= rates[fault] ?? 0
      if rest < 0 { return fault }
    }
    return nil
  }
}
