/// Which column of a file each field is read from, as given by the user.
package struct ColumnMapping: Hashable, Sendable {
  /// Columns by field.
  package private(set) var columns: [String: String] = [:]

  /// No mapping: columns are found by the names that exports use.
  package init() {}

  /// Parses `field=Column,field=Column`; a part without `=` belongs to the previous column, whose name contains the
  /// comma.
  ///
  /// Throws an ``ImportError`` where a part names no field, or a field twice.
  package init(_ texts: [String]) throws {
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
