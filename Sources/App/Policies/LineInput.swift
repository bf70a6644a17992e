import Foundation

/// Standard input line by line, as it comes, with bounded memory.
struct LineInput {
  /// The longest line, in bytes.
  static let longestLine = 64 << 20

  private let handle: FileHandle
  private var buffer = Data()
  private var isAtEnd = false

  init(_ handle: FileHandle) {
    self.handle = handle
  }

  /// The next line without its end; nil at the end of the input. Throws where a line is too long.
  mutating func next() throws(PolicyLineError) -> [UInt8]? {
    var searched = 0
    while true {
      if let end = buffer[(buffer.startIndex + searched)...].firstIndex(of: 0x0A) {
        let line = [UInt8](buffer[buffer.startIndex..<end])
        buffer = Data(buffer[(end + 1)...])
        return line
      }
      searched = buffer.count
      guard searched <= Self.longestLine else {
        throw PolicyLineError(
          line: 0, field: "line", value: "over \(Self.longestLine) bytes", rule: "must be shorter")
      }
      guard !isAtEnd else {
        defer { buffer = Data() }
        return buffer.isEmpty ? nil : [UInt8](buffer)
      }
      let more = handle.availableData
      isAtEnd = more.isEmpty
      buffer.append(more)
    }
  }
}
