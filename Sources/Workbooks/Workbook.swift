import Values

public struct SheetRow: Equatable, Sendable {
  /// The row as the spreadsheet numbers it, from 1.
  public let number: Int
  /// The cells from the first column on; an empty string for an empty cell. Dates are written `YYYY-MM-DD`, followed by
  /// the time where they have one.
  public let cells: [String]
  /// Positions of cells that are numbers rather than text: spreadsheets keep only 15 digits of those.
  public let numbers: Set<Int>
}

/// An Excel workbook (`.xlsx`) in memory; sheets are read row by row.
///
/// Everything is bounded: the unpacked size of each part, strings, columns and the text of a row.
public struct Workbook {
  /// The first bytes of every workbook, and of other ZIP archives.
  public static let signature: [UInt8] = [0x50, 0x4B, 0x03, 0x04]

  /// The most bytes that a file may have.
  public static let mostBytes = 64 << 20

  private let archive: ZipArchive
  private let sheets: [Sheet]
  private let strings: [String]
  private let dateStyles: [Bool]
  private let countsFrom1904: Bool

  private struct Sheet {
    let name: String
    let part: String
    let isHidden: Bool
  }

  private static let mostSheetBytes = 1 << 30
  private static let mostOtherBytes = 256 << 20

  /// Reads everything but the sheets. Throws a ``WorkbookError`` where the file is not a workbook, or is too large.
  public init(_ file: [UInt8]) throws {
    archive = try ZipArchive(file)
    let book = "xl/workbook.xml"
    guard archive.has(book) else { throw WorkbookError("is a ZIP archive, but no Excel workbook") }
    let parts = try Self.relations(archive)
    var found: [Sheet] = []
    var from1904 = false
    try archive.scan(book, limit: Self.mostOtherBytes) { event in
      guard case .start(let name, let attributes) = event else { return }
      if name == "workbookPr" { from1904 = ["1", "true"].contains(attributes["date1904"]) }
      guard name == "sheet", let title = attributes["name"], let part = attributes["id"].flatMap({ parts[$0] })
      else { return }
      found.append(Sheet(name: title, part: part, isHidden: attributes["state"].map { $0 != "visible" } ?? false))
    }
    guard !found.isEmpty else { throw WorkbookError.damaged("it has no sheet") }
    sheets = found
    countsFrom1904 = from1904
    let styles = "xl/styles.xml"
    dateStyles = archive.has(styles) ? try DateStyles.read(archive, styles, limit: Self.mostOtherBytes) : []
    let texts = "xl/sharedStrings.xml"
    strings = archive.has(texts) ? try SharedStrings.read(archive, texts, limit: Self.mostOtherBytes) : []
  }

  /// The names of the sheets, in order.
  public var sheetNames: [String] { sheets.map(\.name) }

  /// Passes the non-empty rows of a sheet to `body`; for nil, those of the first visible sheet.
  ///
  /// Throws a ``WorkbookError`` where there is no such sheet or it cannot be read, and whatever `body` throws.
  public func forEachRow(of name: String?, _ body: (SheetRow) throws -> Void) throws {
    let sheet = sheets.first { name == nil ? !$0.isHidden : $0.name == name }
    guard let sheet else {
      throw WorkbookError(
        "has no sheet \(name ?? "that can be seen"); its sheets are \(sheetNames.joined(separator: ", "))")
    }
    var reader = SheetReader(strings: strings, dateStyles: dateStyles, countsFrom1904: countsFrom1904)
    try archive.scan(sheet.part, limit: Self.mostSheetBytes) { event in try reader.take(event, body) }
  }

  /// The workbook's parts, by the ids with which it refers to them.
  private static func relations(_ archive: ZipArchive) throws -> [String: String] {
    var parts: [String: String] = [:]
    try archive.scan("xl/_rels/workbook.xml.rels", limit: mostOtherBytes) { event in
      guard case .start("Relationship", let attributes) = event, let id = attributes["Id"],
        let target = attributes["Target"]
      else { return }
      parts[id] = target.hasPrefix("/") ? String(target.dropFirst()) : "xl/" + target
    }
    return parts
  }
}

/// Which of a workbook's cell styles show dates.
private enum DateStyles {
  private static let mostStyles = 65_536

  static func read(_ archive: ZipArchive, _ part: String, limit: Int) throws -> [Bool] {
    var formats: [Int: Bool] = [:]
    var styles: [Bool] = []
    var isInCellStyles = false
    try archive.scan(part, limit: limit) { event in
      switch event {
      case .start("numFmt", let attributes):
        guard let id = attributes["numFmtId"].flatMap({ Int($0) }), let code = attributes["formatCode"] else { return }
        formats[id] = showsDate(code)
      case .start("cellXfs", _): isInCellStyles = true
      case .end("cellXfs"): isInCellStyles = false
      case .start("xf", let attributes) where isInCellStyles:
        guard styles.count < mostStyles else { throw WorkbookError.tooLarge("more than \(mostStyles) styles") }
        let id = attributes["numFmtId"].flatMap { Int($0) } ?? 0
        styles.append(formats[id] ?? builtIn.contains { $0.contains(id) })
      default: return
      }
    }
    return styles
  }

  /// The built-in date formats, which have the same numbers in every workbook.
  private static let builtIn = [14...22, 27...36, 50...58]

  /// Whether a format code has a year or a day outside quotes and brackets.
  private static func showsDate(_ code: String) -> Bool {
    var isQuoted = false
    var isBracketed = false
    var isEscaped = false
    for character in code.lowercased() {
      if isEscaped {
        isEscaped = false
      } else if isQuoted {
        isQuoted = character != "\""
      } else if isBracketed {
        isBracketed = character != "]"
      } else {
        switch character {
        case "\"": isQuoted = true
        case "[": isBracketed = true
        case "\\", "_", "*": isEscaped = true
        case "y", "d": return true
        default: continue
        }
      }
    }
    return false
  }
}

/// The strings that a workbook's cells share.
private enum SharedStrings {
  private static let mostStrings = 4_000_000
  private static let mostBytes = 128 << 20
  private static let mostBytesOfOne = 1 << 20

  static func read(_ archive: ZipArchive, _ part: String, limit: Int) throws -> [String] {
    var strings: [String] = []
    var bytes = 0
    var text: [UInt8] = []
    var isText = false
    var phonetic = 0
    try archive.scan(part, limit: limit) { event in
      switch event {
      case .start("si", _): text.removeAll(keepingCapacity: true)
      case .start("t", _): isText = phonetic == 0
      case .end("t"): isText = false
      // Phonetic text, which is not part of the string itself.
      case .start("rPh", _): phonetic += 1
      case .end("rPh"): phonetic -= 1
      case .text(let piece) where isText:
        bytes += piece.count
        text.append(contentsOf: piece)
        guard bytes <= mostBytes, text.count <= mostBytesOfOne else {
          throw WorkbookError.tooLarge("too much text in its cells")
        }
      case .end("si"):
        guard strings.count < mostStrings else { throw WorkbookError.tooLarge("more than \(mostStrings) texts") }
        strings.append(String(decoding: text, as: UTF8.self))
      default: return
      }
    }
    return strings
  }
}
