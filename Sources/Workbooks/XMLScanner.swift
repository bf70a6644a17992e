import CExpat
import Values

/// Parses XML fed in pieces, and reports elements and text as they come.
///
/// Document types are refused: no workbook has one, and they allow entities that expand without bound.
final class XMLScanner {
  /// An element's attributes, valid only while the element is being reported.
  struct Attributes {
    fileprivate let list: UnsafeMutablePointer<UnsafePointer<CChar>?>?

    /// The value of an attribute by its name without a prefix.
    subscript(name: String) -> String? {
      guard let list else { return nil }
      var index = 0
      while let key = list[index], let value = list[index + 1] {
        if XMLScanner.localName(key) == name { return String(cString: value) }
        index += 2
      }
      return nil
    }
  }

  enum Event {
    case start(String, Attributes)
    case end(String)
    case text(UnsafeBufferPointer<UInt8>)
  }

  private let parser: XML_Parser
  private let part: String
  private let handle: (Event) throws -> Void
  private var failure: (any Error)?

  /// `part` is named in errors. Throws a ``WorkbookError`` where there is no memory for a parser.
  init(part: String, _ handle: @escaping (Event) throws -> Void) throws(WorkbookError) {
    guard let parser = XML_ParserCreate(nil) else { throw .damaged("there is no memory to read \(part)") }
    self.parser = parser
    self.part = part
    self.handle = handle
    XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
    XML_SetElementHandler(
      parser,
      { context, name, attributes in
        guard let name else { return }
        XMLScanner.of(context)?.tell(.start(XMLScanner.localName(name), Attributes(list: attributes)))
      },
      { context, name in
        guard let name else { return }
        XMLScanner.of(context)?.tell(.end(XMLScanner.localName(name)))
      })
    XML_SetCharacterDataHandler(parser) { context, text, count in
      guard let text else { return }
      text.withMemoryRebound(to: UInt8.self, capacity: Int(count)) {
        XMLScanner.of(context)?.tell(.text(UnsafeBufferPointer(start: $0, count: Int(count))))
      }
    }
    XML_SetStartDoctypeDeclHandler(parser) { context, _, _, _, _ in
      guard let scanner = XMLScanner.of(context) else { return }
      scanner.fail(WorkbookError.damaged("\(scanner.part) has a document type, which no workbook has"))
    }
  }

  deinit { XML_ParserFree(parser) }

  /// Parses the next piece. Throws a ``WorkbookError`` for malformed XML, and whatever the closure throws.
  func feed(_ piece: UnsafeRawBufferPointer) throws { try parse(piece, isLast: false) }

  /// Ends the document.
  func finish() throws { try parse(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true) }

  private func parse(_ piece: UnsafeRawBufferPointer, isLast: Bool) throws {
    let status = XML_Parse(
      parser, piece.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(piece.count), isLast ? 1 : 0)
    if let failure { throw failure }
    guard status == XML_STATUS_OK else {
      throw WorkbookError.damaged("\(part) is not valid XML at line \(XML_GetCurrentLineNumber(parser))")
    }
  }

  private func tell(_ event: Event) {
    guard failure == nil else { return }
    do { try handle(event) } catch { fail(error) }
  }

  private func fail(_ error: any Error) {
    failure = error
    XML_StopParser(parser, 0)
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> XMLScanner? {
    context.map { Unmanaged<XMLScanner>.fromOpaque($0).takeUnretainedValue() }
  }

  fileprivate static func localName(_ name: UnsafePointer<CChar>) -> String {
    let text = String(cString: name)
    guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { return text }
    return String(text[text.index(after: colon)...])
  }
}

extension ZipArchive {
  /// Scans a part's XML. The closure must not keep an event.
  func scan(_ part: String, limit: Int, _ handle: (XMLScanner.Event) throws -> Void) throws {
    try withoutActuallyEscaping(handle) { handle in
      let scanner = try XMLScanner(part: part, handle)
      try read(part, limit: limit) { try scanner.feed($0) }
      try scanner.finish()
    }
  }
}
