/// The handler for one kind of job.
public struct JobHandling: Sendable {
  let register: @Sendable (inout JobRegistry) -> Void

  /// See ``JobRegistry/register(_:_:)``.
  public init<J: Job>(
    _ type: J.Type, _ handler: @escaping @Sendable (J, JobContext) async throws -> JobReport?
  ) {
    register = { $0.register(type, handler) }
  }
}

extension JobRegistry {
  public init(_ handlings: [JobHandling]) {
    self.init()
    for handling in handlings { handling.register(&self) }
  }
}
