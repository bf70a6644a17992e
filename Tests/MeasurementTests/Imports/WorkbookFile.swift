import CZlib

/// Makes workbooks as spreadsheets do, and ones that no spreadsheet would make.
struct WorkbookFile {
  struct Part {
    var name: String
    var content: [UInt8]
    /// What the archive's directory claims of the size.
    var claimedBytes: Int?
    var claimedChecksum: UInt?

    init(_ name: String, _ content: String) {
      self.name = name
      self.content = Array(content.utf8)
    }
  }

  var parts: [Part]

  /// A workbook of sheets by name, each with the XML of its rows.
  init(
    sheets: [(name: String, rows: String)], strings: String = "", styles: String = "", properties: String = "",
    hidden: Set<String> = []
  ) {
    let list = sheets.enumerated().map { index, sheet in
      "<sheet name=\"\(sheet.name)\" sheetId=\"\(index + 1)\" \(hidden.contains(sheet.name) ? "state=\"hidden\"" : "") "
        + "r:id=\"rId\(index + 1)\"/>"
    }
    let relations = sheets.indices.map {
      "<Relationship Id=\"rId\($0 + 1)\" Type=\"t/worksheet\" Target=\"worksheets/sheet\($0 + 1).xml\"/>"
    }
    parts = [
      Part("[Content_Types].xml", "<Types/>"),
      Part(
        "xl/workbook.xml",
        "<?xml version=\"1.0\"?><workbook xmlns:r=\"r\">\(properties)<sheets>\(list.joined())</sheets></workbook>"),
      Part("xl/_rels/workbook.xml.rels", "<Relationships>\(relations.joined())</Relationships>"),
      Part("xl/sharedStrings.xml", "<sst>\(strings)</sst>"),
      Part("xl/styles.xml", "<styleSheet>\(styles)</styleSheet>"),
    ]
    parts += sheets.enumerated().map { index, sheet in
      Part("xl/worksheets/sheet\(index + 1).xml", "<worksheet><sheetData>\(sheet.rows)</sheetData></worksheet>")
    }
  }

  /// Rows of cells: text as it stands, numbers where they are marked by `#`, dates of style 1 by `@`.
  static func rows(_ rows: [String]) -> String {
    rows.map { row in
      let cells = row.split(separator: ",", omittingEmptySubsequences: false).map { cell in
        switch cell.first {
        case "#": "<c><v>\(cell.dropFirst())</v></c>"
        case "@": "<c s=\"1\"><v>\(cell.dropFirst())</v></c>"
        case nil: "<c/>"
        default: "<c t=\"inlineStr\"><is><t>\(cell)</t></is></c>"
        }
      }
      return "<row>\(cells.joined())</row>"
    }.joined()
  }

  static let dateStyles =
    "<numFmts><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\"/></numFmts>"
    + "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/></cellXfs>"

  /// The archive, its parts compressed.
  var bytes: [UInt8] {
    var archive: [UInt8] = []
    var directory: [UInt8] = []
    for part in parts {
      let offset = archive.count
      let packed = Self.deflated(part.content)
      let checksum =
        part.claimedChecksum
        ?? part.content.withUnsafeBytes {
          crc32(0, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt32($0.count))
        }
      let name = Array(part.name.utf8)
      let common =
        Self.number(20, 2) + Self.number(0, 2) + Self.number(8, 2) + Self.number(0, 4) + Self.number(Int(checksum), 4)
        + Self.number(packed.count, 4) + Self.number(part.claimedBytes ?? part.content.count, 4)
        + Self.number(name.count, 2) + Self.number(0, 2)
      archive += Self.number(0x0403_4B50, 4) + common + name + packed
      directory +=
        Self.number(0x0201_4B50, 4) + Self.number(20, 2) + common + Self.number(0, 2) + Self.number(0, 2)
        + Self.number(0, 2) + Self.number(0, 4) + Self.number(offset, 4) + name
    }
    let count = Self.number(parts.count, 2)
    return archive + directory + Self.number(0x0605_4B50, 4) + Self.number(0, 4) + count + count
      + Self.number(directory.count, 4) + Self.number(archive.count, 4) + Self.number(0, 2)
  }

  private static func number(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  private static func deflated(_ content: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    var packed = [UInt8](repeating: 0, count: content.count + content.count / 1_000 + 64)
    deflateInit2_(
      &stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    let count = content.withUnsafeBytes { input in
      packed.withUnsafeMutableBytes { output in
        stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.avail_out = UInt32(output.count)
        deflate(&stream, Z_FINISH)
        return Int(stream.total_out)
      }
    }
    return Array(packed[..<count])
  }
}
