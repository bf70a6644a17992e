/// A file that is not an Excel workbook, or one that cannot be imported.
public struct WorkbookError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong and what to do about it.
  public let description: String

  init(_ description: String) {
    self.description = description
  }

  static func damaged(_ what: String) -> WorkbookError {
    WorkbookError("is a damaged Excel workbook (\(what)); save it again, or export it as CSV")
  }

  static func tooLarge(_ what: String) -> WorkbookError {
    WorkbookError("is an Excel workbook with \(what); export it as CSV")
  }
}
