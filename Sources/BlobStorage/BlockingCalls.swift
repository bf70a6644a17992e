import Dispatch

/// Calls that may wait for a disk, on threads that nobody else needs.
enum BlockingCalls {
  private static let queue = DispatchQueue(label: "blob-storage", attributes: .concurrent)

  /// Makes a call, and returns or throws what it does.
  static func run<Value: Sendable>(_ call: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result { try call() }) }
    }
  }

  /// Makes a call of a store.
  static func store<Value: Sendable>(
    _ call: @escaping @Sendable () throws(BlobStoreError) -> Value
  ) async throws(BlobStoreError) -> Value {
    let result = await withCheckedContinuation {
      (continuation: CheckedContinuation<Result<Value, BlobStoreError>, Never>) in
      queue.async {
        do throws(BlobStoreError) {
          continuation.resume(returning: .success(try call()))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    return try result.get()
  }
}
