import Values

extension Duration {
  /// Whole microseconds, at most a hundred years.
  var microseconds: Int64 {
    let (seconds, attoseconds) = components
    let century: Int64 = 3_155_760_000
    return min(max(seconds, -century), century) * 1_000_000 + attoseconds / 1_000_000_000_000
  }
}

extension Instant {
  /// The moment `duration` later, at most a hundred years.
  package func adding(_ duration: Duration) -> Instant {
    let (sum, overflow) = microseconds.addingReportingOverflow(duration.microseconds)
    return Instant(microseconds: overflow ? (duration < .zero ? .min : .max) : sum)
  }
}
