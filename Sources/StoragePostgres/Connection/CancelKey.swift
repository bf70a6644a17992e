import CLibPQ
import Values

/// What it takes to cancel a connection's running statement from another thread.
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

  /// Asks the server, over a connection of its own, to cancel what is running, and waits until it was told. Where the
  /// server cannot be reached, the statement goes on until it ends or times out.
  func cancel() {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { message in
      _ = PQcancel(pointer, message.baseAddress, Int32(message.count))
    }
  }
}
