import Values

/// A key found in an open object: its position, and a number that differs for most different keys.
struct KeyMark {
  let span: JSONStringSpan
  let fingerprint: UInt64
}

/// What a reader stores for one open object.
struct ObjectScope {
  /// The index of this object's first key among the keys of all open objects.
  let firstKey: Int
  var isFirst = true
  /// All keys of an object that has more than `JSONReader.scannedKeys`.
  var manyKeys: Set<[UInt8]> = []
}

extension JSONReader {
  /// Objects with up to this many keys are searched linearly, larger ones through a set.
  private static let scannedKeys = 64

  /// Reads an object, passing each member's key to `field`, which must consume exactly its value.
  ///
  /// Throws for another kind of value, a duplicate key, more than 32 levels, and whatever `field` throws. Where `field`
  /// consumes nothing, reading fails at the value that it left.
  public mutating func readObject(
    _ field: (_ key: String, _ reader: inout JSONReader) throws -> Void
  ) throws {
    var scope = try enterObject()
    while let key = try nextKey(&scope) { try field(key, &self) }
  }

  /// Reads an array, passing each element's index to `element`, which must consume exactly its value.
  ///
  /// Throws for another kind of value, more than 32 levels, and whatever `element` throws. Where `element` consumes
  /// nothing, reading fails at the value that it left.
  public mutating func readArray(
    _ element: (_ index: Int, _ reader: inout JSONReader) throws -> Void
  ) throws {
    try enterArray()
    var index = 0
    while try nextElement(isFirst: index == 0) {
      try element(index, &self)
      index += 1
    }
  }

  /// Consumes the next value, whatever its kind, checking everything but duplicate keys.
  ///
  /// Throws when it is not valid JSON or nested more than 32 levels deep.
  public mutating func skipValue() throws(JSONError) {
    switch try peekKind() {
    case .string: _ = try scanString()
    case .number: _ = try scanNumber()
    case .bool: _ = try readBool()
    case .null: _ = try readNull()
    case .array: try skipArray()
    case .object: try skipObject()
    }
  }

  /// Reads the next value, whatever its kind, with numbers as exact text.
  ///
  /// Throws when it is not valid JSON, has a duplicate key or is nested more than 32 levels deep.
  public mutating func readValue() throws(JSONError) -> JSONValue {
    switch try peekKind() {
    case .string: return .string(try readString())
    case .number: return .number(try readNumberText())
    case .bool: return .bool(try readBool())
    case .null:
      _ = try readNull()
      return .null
    case .array: return .array(try readElements())
    case .object: return .object(JSONObject(try readMembers()))
    }
  }

  private mutating func readElements() throws(JSONError) -> [JSONValue] {
    try enterArray()
    var elements: [JSONValue] = []
    while try nextElement(isFirst: elements.isEmpty) { elements.append(try readValue()) }
    return elements
  }

  private mutating func readMembers() throws(JSONError) -> [JSONObject.Member] {
    var scope = try enterObject()
    var members: [JSONObject.Member] = []
    while let key = try nextKey(&scope) {
      members.append(JSONObject.Member(key: key, value: try readValue()))
    }
    return members
  }

  private mutating func skipArray() throws(JSONError) {
    try enterArray()
    var isFirst = true
    while try nextElement(isFirst: isFirst) {
      try skipValue()
      isFirst = false
    }
  }

  private mutating func skipObject() throws(JSONError) {
    try enter(.object)
    var isFirst = true
    while try hasNext(isFirst: isFirst, close: ASCII.closeBrace) {
      _ = try scanKey()
      try skipValue()
      isFirst = false
    }
  }
}

extension JSONReader {
  private mutating func enter(_ kind: Kind) throws(JSONError) {
    try expect(kind)
    guard depth < Self.depthLimit else { throw error(.tooDeep(limit: Self.depthLimit)) }
    depth += 1
    position += 1
  }

  /// Consumes the comma before a further entry, or the closing bracket; true when an entry follows.
  @inline(__always)
  private mutating func hasNext(isFirst: Bool, close: UInt8) throws(JSONError) -> Bool {
    skipSpace()
    guard position < bytes.count else { throw error(.unexpectedEnd) }
    let byte = bytes[position]
    if byte == close {
      depth -= 1
      position += 1
      return false
    }
    if isFirst { return true }
    guard byte == ASCII.comma else { throw error(.unexpectedByte(byte)) }
    position += 1
    return true
  }

  private mutating func enterArray() throws(JSONError) { try enter(.array) }

  @inline(__always)
  private mutating func nextElement(isFirst: Bool) throws(JSONError) -> Bool {
    try hasNext(isFirst: isFirst, close: ASCII.closeBracket)
  }

  mutating func enterObject() throws(JSONError) -> ObjectScope {
    try enter(.object)
    return ObjectScope(firstKey: keys.count)
  }

  /// The next member's key, with the reader positioned before its value; nil once the object is closed.
  private mutating func nextKey(_ scope: inout ObjectScope) throws(JSONError) -> String? {
    guard let span = try nextKeySpan(&scope) else { return nil }
    return try unknownKey(span, &scope)
  }

  /// The position of the next member's key, with the reader positioned before its value; nil once the object is closed.
  @inline(__always)
  mutating func nextKeySpan(_ scope: inout ObjectScope) throws(JSONError) -> JSONStringSpan? {
    guard try hasNext(isFirst: scope.isFirst, close: ASCII.closeBrace) else {
      keys.removeLast(keys.count - scope.firstKey)
      return nil
    }
    scope.isFirst = false
    return try scanKey()
  }

  /// A key's text, checked to be new to its object.
  mutating func unknownKey(_ span: JSONStringSpan, _ scope: inout ObjectScope) throws(JSONError) -> String {
    guard remember(span, in: &scope) else {
      throw JSONError(offset: span.start - 1, rule: .duplicateKey(text(of: span)))
    }
    return text(of: span)
  }

  /// Scans a key and the colon after it.
  @inline(__always)
  private mutating func scanKey() throws(JSONError) -> JSONStringSpan {
    skipSpace()
    guard position < bytes.count else { throw error(.unexpectedEnd) }
    guard bytes[position] == ASCII.quote else { throw error(.unexpectedByte(bytes[position])) }
    let span = try scanString()
    skipSpace()
    guard position < bytes.count else { throw error(.unexpectedEnd) }
    guard bytes[position] == ASCII.colon else { throw error(.unexpectedByte(bytes[position])) }
    position += 1
    return span
  }
}

extension JSONReader {
  /// Adds a key to its object; false where the object has it already.
  private mutating func remember(_ span: JSONStringSpan, in scope: inout ObjectScope) -> Bool {
    if keys.count - scope.firstKey >= Self.scannedKeys { return rememberInSet(span, &scope) }
    let mark = KeyMark(span: span, fingerprint: fingerprint(of: span))
    for index in scope.firstKey..<keys.count where keys[index].fingerprint == mark.fingerprint {
      if isSame(keys[index].span, span) { return false }
    }
    keys.append(mark)
    return true
  }

  private func isSame(_ first: JSONStringSpan, _ second: JSONStringSpan) -> Bool {
    if first.hasEscapes || second.hasEscapes { return content(of: first) == content(of: second) }
    return bytes[first.start..<first.end].elementsEqual(bytes[second.start..<second.end])
  }

  private func rememberInSet(_ span: JSONStringSpan, _ scope: inout ObjectScope) -> Bool {
    if scope.manyKeys.isEmpty {
      scope.manyKeys = Set(keys[scope.firstKey...].map { content(of: $0.span) })
    }
    return scope.manyKeys.insert(content(of: span)).inserted
  }

  private func content(of span: JSONStringSpan) -> [UInt8] {
    span.hasEscapes ? resolved(span) : Array(bytes[span.start..<span.end])
  }

  private func fingerprint(of span: JSONStringSpan) -> UInt64 {
    guard span.hasEscapes else { return Self.fingerprint(bytes, span.start, span.end) }
    let content = resolved(span)
    return content.withUnsafeBytes { Self.fingerprint($0, 0, $0.count) }
  }

  /// Combines a key's length with its first and last bytes: all of them for keys of up to 16 bytes.
  @inline(__always)
  private static func fingerprint(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> UInt64 {
    let count = end - start
    var mixed = UInt64(truncatingIfNeeded: count)
    if count >= 8 {
      let head = bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)
      let tail = bytes.loadUnaligned(fromByteOffset: end - 8, as: UInt64.self)
      mixed ^= head &* 0x9E37_79B9_7F4A_7C15 ^ tail
    } else {
      for index in start..<end { mixed = mixed << 8 | UInt64(bytes[index]) }
      mixed ^= UInt64(truncatingIfNeeded: count) << 56
    }
    return mixed
  }
}
