/// Floats in memory of their own, aligned for vectors of any processor.
final class FloatStore: @unchecked Sendable {
  // Unchecked: whoever has the only reference writes; those who share it read.

  static let alignment = 64

  let start: UnsafeMutablePointer<Float>
  let capacity: Int

  /// Takes room for `capacity` floats, whose values are not yet set.
  init(capacity: Int) {
    let bytes = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, capacity) * MemoryLayout<Float>.stride, alignment: Self.alignment)
    start = bytes.bindMemory(to: Float.self, capacity: max(1, capacity))
    self.capacity = capacity
  }

  deinit {
    UnsafeMutableRawPointer(start).deallocate()
  }
}
