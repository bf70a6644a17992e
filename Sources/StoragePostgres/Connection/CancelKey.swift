import CLibPQ
import Values

/// Cancels a connection's running statement from another thread.
///
/// Unchecked: the key never changes after it is made, `PQcancel` may be called on any thread, and the last owner
/// frees it.
final class CancelKey: @unchecked Sendable {
  private let pointer: OpaquePointer

  init?(_ connection: OpaquePointer) {
    guard let pointer = PQgetCancel(connection) else { return nil }
    self.pointer = pointer
  }

  deinit {
    PQfreeCancel(pointer)
  }

  /// Asks the server, over a separate connection, to cancel the running statement, and waits for the request to be
  /// delivered. Where the server cannot be reached, the statement runs until it ends or times out.
  func cancel() {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { message in
      _ = PQcancel(pointer, message.baseAddress, Int32(message.count))
    }
  }
}
