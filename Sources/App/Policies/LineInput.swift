import Foundation

/// Reads input line by line as it arrives, with bounded memory.
struct LineInput {
  /// The longest line, in bytes.
  static let longestLine = 64 << 20

  private let handle: FileHandle
  private var chunk = [UInt8](repeating: 0, count: 1 << 16)
  private var buffer = Data()
  private var isAtEnd = false

  init(_ handle: FileHandle) {
    self.handle = handle
  }

  /// The next line without its end; nil at the end of the input. Throws where a line is too long or reading fails.
  mutating func next() throws(PolicyLineError) -> [UInt8]? {
    var searched = 0
    while true {
      let end = buffer[(buffer.startIndex + searched)...].firstIndex(of: 0x0A)
      guard (end ?? buffer.endIndex) - buffer.startIndex <= Self.longestLine else {
        throw PolicyLineError(
          line: 0, field: "line", value: "over \(Self.longestLine) bytes", rule: "must be shorter")
      }
      if let end {
        let line = [UInt8](buffer[buffer.startIndex..<end])
        buffer = Data(buffer[(end + 1)...])
        return line
      }
      searched = buffer.count
      guard !isAtEnd else {
        defer { buffer = Data() }
        return buffer.isEmpty ? nil : [UInt8](buffer)
      }
      try readMore()
    }
  }

  /// Reads what has arrived so far, waiting where nothing has. `FileHandle` would trap where reading fails.
  private mutating func readMore() throws(PolicyLineError) {
    while true {
      let count = read(handle.fileDescriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        let reason = String(cString: strerror(errno))
        throw PolicyLineError(line: 0, field: "input", value: reason, rule: "must be readable")
      }
      isAtEnd = count == 0
      buffer.append(contentsOf: chunk[..<count])
      return
    }
  }
}
