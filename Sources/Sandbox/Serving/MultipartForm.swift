/// A body of parts, as forms with files are sent.
struct MultipartForm: Sendable {
  /// A file among the parts.
  struct File: Sendable {
    let name: String
    let bytes: ArraySlice<UInt8>
  }

  private(set) var fields: [String: String] = [:]
  /// Files by the names of their fields; where several have one name, the last.
  private(set) var files: [String: File] = [:]

  /// Reads a body by the boundary that its content type names; nil where it is none.
  init?(_ body: [UInt8], contentType: String) {
    guard contentType.lowercased().hasPrefix("multipart/form-data"),
      let mark = contentType.firstRange(of: "boundary=")
    else { return nil }
    let name = contentType[mark.upperBound...].prefix { $0 != ";" }.filter { $0 != "\"" }
    guard !name.isEmpty else { return nil }
    let boundary = Array("--\(name)".utf8)
    var rest = body[...]
    guard Self.skip(past: boundary, &rest) != nil else { return nil }
    while !rest.starts(with: Array("--".utf8)) {
      guard let part = Self.skip(past: Array("\r\n".utf8) + boundary, &rest) else { return nil }
      take(part)
    }
  }

  /// What stands before `pattern`, which is skipped with it; nil where it does not occur.
  private static func skip(past pattern: [UInt8], _ rest: inout ArraySlice<UInt8>) -> ArraySlice<
    UInt8
  >? {
    var position = rest.startIndex
    while position + pattern.count <= rest.endIndex {
      guard let start = rest[position...].firstIndex(of: pattern[0]),
        start + pattern.count <= rest.endIndex
      else {
        return nil
      }
      if rest[start..<start + pattern.count].elementsEqual(pattern) {
        defer { rest = rest[(start + pattern.count)...] }
        return rest[..<start]
      }
      position = start + 1
    }
    return nil
  }

  private mutating func take(_ part: ArraySlice<UInt8>) {
    var rest = part
    guard let head = Self.skip(past: Array("\r\n\r\n".utf8), &rest) else { return }
    let line = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
      .first { $0.lowercased().hasPrefix("content-disposition:") }
    guard let line, let name = Self.value(of: "name", in: line) else { return }
    if let file = Self.value(of: "filename", in: line) {
      files[name] = File(name: file, bytes: rest)
    } else {
      fields[name] = String(decoding: rest, as: UTF8.self)
    }
  }

  private static func value(of name: String, in line: Substring) -> String? {
    for part in line.split(separator: ";") {
      let sides = part.split(separator: "=", maxSplits: 1)
      guard sides.count == 2, sides[0].filter({ $0 != " " }) == name else { continue }
      return String(sides[1].drop { $0 == " " }.filter { $0 != "\"" })
    }
    return nil
  }
}
