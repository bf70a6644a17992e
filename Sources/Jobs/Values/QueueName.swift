/// The name of a queue of jobs that workers serve together, defined beside the jobs that use it.
public struct QueueName: Hashable, Comparable, Sendable, RawRepresentable, CustomStringConvertible {
  /// Stands for all queues, including those of later releases, when an account's jobs are paused or resumed.
  public static let every = QueueName(rawValue: "*")

  /// The name itself, 1 to 64 characters.
  public let rawValue: String

  /// Takes the name as it stands.
  public init(rawValue: String) {
    self.rawValue = rawValue
  }

  public var description: String { rawValue }

  /// Orders queues by their names.
  public static func < (left: QueueName, right: QueueName) -> Bool { left.rawValue < right.rawValue }
}
