extension JSONElementStream {
  func error(_ rule: JSONError.Rule) -> JSONStreamError {
    JSONStreamError(line: place.line, column: place.column, rule: rule)
  }

  /// Processes one byte between values. Returns false where the byte starts a value; it has not been consumed then.
  mutating func take(_ byte: UInt8, _ element: (Element) throws -> Void) throws -> Bool {
    if case .byteOrderMark(let matched) = state { return try takeMark(byte, matched) }
    if !ASCII.isJSONSpace(byte) {
      if try startsValue(byte) { return false }
      try takeStructure(byte)
    }
    place.advance(over: byte)
    try hold(byte)
    if state == .document, byte == ASCII.closeBrace { try finishObject(element) }
    return true
  }

  private mutating func takeMark(_ byte: UInt8, _ matched: Int) throws(JSONStreamError) -> Bool {
    guard byte == ASCII.byteOrderMark[matched] else {
      guard matched == 0 else { throw error(.unexpectedByte(byte)) }
      state = .document
      return false
    }
    let isWhole = matched + 1 == ASCII.byteOrderMark.count
    state = isWhole ? .document : .byteOrderMark(matched: matched + 1)
    return true
  }

  /// Starts collecting a value where one is allowed; false where a bracket, comma or colon is expected.
  private mutating func startsValue(_ byte: UInt8) throws(JSONStreamError) -> Bool {
    switch state {
    case .firstElement where byte == ASCII.closeBracket: return false
    case .firstMember where byte == ASCII.closeBrace: return false
    case .memberValue where isArrayMember && byte == ASCII.openBracket: return false
    case .firstElement, .element: try begin(.element, byte)
    case .firstMember, .member:
      guard byte == ASCII.quote else { throw error(.unexpectedByte(byte)) }
      try begin(.key, byte)
    case .memberValue: try begin(.memberValue, byte)
    default: return false
    }
    return true
  }

  private mutating func begin(_ role: Role, _ byte: UInt8) throws(JSONStreamError) {
    let misplaced = [ASCII.comma, ASCII.colon, ASCII.closeBracket, ASCII.closeBrace]
    guard !misplaced.contains(byte) else { throw error(.unexpectedByte(byte)) }
    state = .inside(role)
    scan = ValueScan(firstByte: byte)
    if !holdsObject { restartHolding() }
    valueStart = held.count
  }

  private mutating func restartHolding() {
    held.removeAll(keepingCapacity: true)
    heldPlace = place
  }

  private mutating func takeStructure(_ byte: UInt8) throws(JSONStreamError) {
    switch (state, byte) {
    case (.document, ASCII.openBracket): state = .firstElement
    case (.document, ASCII.openBrace):
      state = .firstMember
      isInsideObject = true
      holdsObject = true
      restartHolding()
    case (.elementEnd, ASCII.comma): state = .element
    case (.firstElement, ASCII.closeBracket), (.elementEnd, ASCII.closeBracket):
      state = isInsideObject ? .memberEnd : .document
    case (.colon, ASCII.colon): state = .memberValue
    case (.memberValue, ASCII.openBracket): try openArrayMember()
    case (.memberEnd, ASCII.comma): state = .member
    case (.firstMember, ASCII.closeBrace), (.memberEnd, ASCII.closeBrace):
      state = .document
      isInsideObject = false
    default: throw error(.unexpectedByte(byte))
    }
  }

  /// The current object turns out to be a container: the text held of it is checked and released.
  private mutating func openArrayMember() throws(JSONStreamError) {
    if holdsObject {
      held.append(contentsOf: Array("null}".utf8))
      try checkHeld()
    }
    holdsObject = false
    state = .firstElement
  }

  private mutating func hold(_ byte: UInt8) throws(JSONStreamError) {
    guard holdsObject else { return }
    held.append(byte)
    try checkSize()
  }

  private func checkSize() throws(JSONStreamError) {
    guard held.count > maxElementBytes else { return }
    let rule = JSONError.Rule.tooLarge(limit: maxElementBytes)
    throw JSONStreamError(line: heldPlace.line, column: heldPlace.column, rule: rule)
  }

  /// Checks that the held text is a valid value.
  private func checkHeld() throws(JSONStreamError) {
    do {
      try JSONReader.readSlice(held[...]) { reader throws(JSONError) in try reader.skipValue() }
    } catch {
      throw located(error)
    }
  }

  private func located(_ error: JSONError) -> JSONStreamError {
    var place = heldPlace
    for byte in held.prefix(error.offset) { place.advance(over: byte) }
    return JSONStreamError(line: place.line, column: place.column, rule: error.rule)
  }
}

extension JSONElementStream {
  /// Adds the part of the current value that lies in `chunk` to the held text, moving `index` past it.
  mutating func collect(_ chunk: UnsafeRawBufferPointer, _ index: inout Int) throws {
    let start = index
    scan.advance(chunk, &index, &place)
    held.append(contentsOf: UnsafeRawBufferPointer(rebasing: chunk[start..<index]))
    try checkSize()
  }

  mutating func finishValue(_ role: Role, _ element: (Element) throws -> Void) throws {
    switch role {
    case .element:
      state = .elementEnd
      try handOver(element)
    case .key:
      state = .colon
      isArrayMember = arrayMembers.contains(try heldKey())
    case .memberValue:
      state = .memberEnd
      // A held object is checked as a whole: here if it is a container, by its reader if it is an element.
      if !holdsObject { try checkHeld() }
    }
  }

  private func heldKey() throws(JSONStreamError) -> String {
    do {
      let key = held[valueStart...]
      return try JSONReader.readSlice(key) { reader throws(JSONError) in try reader.readString() }
    } catch {
      throw located(JSONError(offset: valueStart + error.offset, rule: error.rule))
    }
  }

  private mutating func finishObject(_ element: (Element) throws -> Void) throws {
    guard holdsObject else { return }
    holdsObject = false
    try handOver(element)
  }

  private func handOver(_ element: (Element) throws -> Void) throws {
    try element(Element(line: heldPlace.line, column: heldPlace.column, bytes: held))
  }
}
