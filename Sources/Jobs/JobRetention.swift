/// How long finished jobs are kept.
public struct JobRetention: Sendable, Hashable {
  /// A week for completed jobs, thirty days for the rest.
  public static let standard = JobRetention(completed: .seconds(7 * 86_400), others: .seconds(30 * 86_400))

  /// How long completed jobs are kept.
  public let completed: Duration
  /// How long cancelled and dead jobs are kept.
  public let others: Duration

  public init(completed: Duration, others: Duration) {
    self.completed = completed
    self.others = others
  }
}
