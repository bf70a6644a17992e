/// A field that can be read from a file.
struct ImportField: Sendable {
  /// What a field's cells contain.
  enum Kind: Sendable {
    case text
    /// A whole number.
    case count
    /// Money, or another number that may have decimals.
    case amount
    /// A mean of small numbers, never thousands.
    case ratio
  }

  /// The field's name in `--map`.
  let name: String
  let kind: Kind
  /// Whether a file without it cannot be imported.
  let isRequired: Bool
  /// The column names that exports use, the preferred first, folded.
  let aliases: [String]

  init(_ name: String, as kind: Kind = .text, required: Bool = false, _ aliases: [String]) {
    self.name = name
    self.kind = kind
    isRequired = required
    self.aliases = ([name] + aliases).map(HeaderText.folded)
  }
}

/// The position of a field in each row.
struct Column: Sendable {
  /// Counted from 0; nil where the file lacks the field.
  let position: Int?
  /// The column's name in the file, or the field's name where there is no column.
  let name: String
}

/// The positions of the fields in a file's rows.
struct ColumnLayout: Sendable {
  /// The header as in the file.
  let header: [String]
  /// The header in the form in which names are compared.
  let folded: [String]
  private var positions: [String: Int] = [:]
  private let fields: [ImportField]
  private let mapped: Set<String>

  /// Finds the fields' columns: first those that the user mapped, then those with known names.
  ///
  /// A header such as `Amount spent (USD)` is recognised by the part before the parenthesis. Throws an ``ImportError``
  /// that lists the header where a mapped or required column is missing.
  init(header: [String], fields: [ImportField], mapping: ColumnMapping, file: String) throws {
    self.init(header: header, fields: fields, mapping: mapping)
    let unknown = Set(mapping.columns.keys).subtracting(fields.map(\.name)).sorted()
    guard unknown.isEmpty else {
      let names = fields.map(\.name).joined(separator: ", ")
      throw ImportError.badFile(
        file: file, rule: "--map names \(unknown.joined(separator: ", ")); the fields are \(names)")
    }
    for field in fields {
      guard let column = mapping.columns[field.name], position(named: column) == nil else { continue }
      throw missing("column \(column), which --map gives for \(field.name),", file)
    }
    if let field = missingFields.first { throw missing("column for \(field)", file) }
  }

  /// Finds the fields' columns in the same way, without requiring any.
  init(header: [String], fields: [ImportField], mapping: ColumnMapping) {
    self.header = header.map { HeaderText.repaired($0).trimmed }
    folded = self.header.map(HeaderText.folded)
    self.fields = fields
    mapped = Set(mapping.columns.keys)
    let folded = folded
    let bare = folded.map(HeaderText.withoutUnit)
    for field in fields {
      positions[field.name] =
        if let column = mapping.columns[field.name] {
          position(named: column)
        } else {
          field.aliases.lazy.compactMap { folded.firstIndex(of: $0) ?? bare.firstIndex(of: $0) }.first
        }
    }
  }

  /// Required fields that the file lacks.
  var missingFields: [String] {
    fields.filter { $0.isRequired && positions[$0.name] == nil }.map(\.name)
  }

  /// The field's column.
  func column(_ field: String) -> Column {
    let position = positions[field]
    return Column(position: position, name: position.map { header[$0] } ?? field)
  }

  /// Whether the user mapped a column to the field.
  func isMapped(_ field: String) -> Bool { mapped.contains(field) }

  /// The columns that contain numbers, with their kinds.
  var numberColumns: [(position: Int, kind: ImportField.Kind)] {
    fields.compactMap { field in
      guard field.kind != .text, let position = positions[field.name] else { return nil }
      return (position, field.kind)
    }
  }

  /// `field from Column` for each field found.
  var summary: [String] {
    positions.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map { "\($0.key) from '\(header[$0.value])'" }
  }

  /// The columns that no field is read from.
  var unreadColumns: [String] {
    let read = Set(positions.values)
    return header.indices.lazy.filter { !read.contains($0) && !header[$0].isEmpty }.map { header[$0] }
  }

  private func position(named column: String) -> Int? {
    let name = column.trimmed.lowercased()
    return header.firstIndex { $0.lowercased() == name } ?? folded.firstIndex(of: HeaderText.folded(column))
  }

  private func missing(_ what: String, _ file: String) -> ImportError {
    .badFile(
      file: file,
      rule: "has no \(what); its columns are \(header.joined(separator: ", ")). "
        + "Name the column with --map field=Column")
  }
}
