/// Which column of a file each field is read from, as a user says it.
public struct ColumnMapping: Hashable, Sendable {
  /// Columns by field.
  public private(set) var columns: [String: String] = [:]

  /// No mapping: columns are found by the names that exports give them.
  public init() {}

  /// Reads `field=Column,field=Column`; a part without `=` belongs to the column before its comma.
  ///
  /// Throws an ``ImportError`` where a part names no field, or a field twice.
  public init(_ texts: [String]) throws {
    for text in texts {
      var lastField: String?
      for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        guard let equals = part.firstIndex(of: "=") else {
          guard let field = lastField, let column = columns[field] else {
            throw ImportError.badFile(file: "--map \(text)", rule: "must be field=Column, with commas between")
          }
          columns[field] = column + "," + part
          continue
        }
        let field = String(part[..<equals]).trimmed
        guard columns.updateValue(String(part[part.index(after: equals)...]), forKey: field) == nil else {
          throw ImportError.badFile(file: "--map \(text)", rule: "names the field \(field) twice")
        }
        lastField = field
      }
    }
  }
}

/// A field that can be read from a file.
struct ImportField: Sendable {
  /// The field's name, as `--map` takes it.
  let name: String
  /// Whether a file without it cannot be imported.
  let isRequired: Bool
  /// The names exports give the column, the preferred first.
  let aliases: [String]

  init(_ name: String, required: Bool = false, _ aliases: [String]) {
    self.name = name
    isRequired = required
    self.aliases = [name] + aliases
  }
}

/// Where each field stands in a file's rows.
struct ColumnLayout: Sendable {
  /// The header as it stands.
  let header: [String]
  private let positions: [String: Int]

  /// Finds the fields' columns: those the user mapped, then those known by name.
  ///
  /// A header such as `Amount spent (USD)` is known by the part before the parenthesis. Throws an ``ImportError``
  /// that lists the header where a mapped or required column is missing.
  init(header: [String], fields: [ImportField], mapping: ColumnMapping, file: String) throws {
    self.header = header.map(\.trimmed)
    let unknown = Set(mapping.columns.keys).subtracting(fields.map(\.name)).sorted()
    guard unknown.isEmpty else {
      let names = fields.map(\.name).joined(separator: ", ")
      throw ImportError.badFile(
        file: file, rule: "--map names \(unknown.joined(separator: ", ")); the fields are \(names)")
    }
    let exact = self.header.map { $0.lowercased() }
    let bare = exact.map(Self.withoutUnit)
    var positions: [String: Int] = [:]
    for field in fields {
      if let column = mapping.columns[field.name] {
        guard let position = exact.firstIndex(of: column.trimmed.lowercased()) else {
          throw Self.missing("column \(column), which --map gives for \(field.name),", self.header, file)
        }
        positions[field.name] = position
      } else {
        let names = field.aliases.lazy.map { $0.lowercased() }
        positions[field.name] = names.compactMap { exact.firstIndex(of: $0) ?? bare.firstIndex(of: $0) }.first
      }
      guard positions[field.name] != nil || !field.isRequired else {
        throw Self.missing("column for \(field.name)", self.header, file)
      }
    }
    self.positions = positions
  }

  /// The field's position; nil where the file does not have it.
  func position(of field: String) -> Int? { positions[field] }

  /// The name of the field's column.
  func column(of field: String) -> String { positions[field].map { header[$0] } ?? field }

  /// `field from Column` for each field found.
  var summary: [String] {
    positions.sorted { $0.value < $1.value }.map { "\($0.key) from '\(header[$0.value])'" }
  }

  /// The currency that a column's name carries in parentheses, such as USD.
  func unit(of field: String) -> String? {
    guard let position = positions[field], header[position].hasSuffix(")"),
      let open = header[position].lastIndex(of: "(")
    else { return nil }
    return String(header[position][header[position].index(after: open)...].dropLast())
  }

  private static func withoutUnit(_ name: String) -> String {
    guard name.hasSuffix(")"), let open = name.lastIndex(of: "(") else { return name }
    return String(name[..<open]).trimmed
  }

  private static func missing(_ what: String, _ header: [String], _ file: String) -> ImportError {
    .badFile(
      file: file,
      rule: "has no \(what); its columns are \(header.joined(separator: ", ")). "
        + "Name the column with --map field=Column")
  }
}

extension StringProtocol {
  /// The text without white space at either end.
  var trimmed: String {
    var text = self[...]
    while let first = text.first, first.isWhitespace { text = text.dropFirst() }
    while let last = text.last, last.isWhitespace { text = text.dropLast() }
    return String(text)
  }
}
