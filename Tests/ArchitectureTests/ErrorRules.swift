/// Who may know the answers of the API: what does the work throws its feature's own errors.
enum ErrorRules {
  /// Where requests are read and answered; a connection is refused without the program's seeing it.
  private static let places = ["Sources/Web/", "Sources/App/Connections/"]
  private static let endings = ["Routes.swift", "Coding.swift", "Schemas.swift"]

  static func answersOfTheAPI(in file: SourceFile) -> [Violation] {
    guard !places.contains(where: file.path.hasPrefix), !endings.contains(where: file.name.hasSuffix) else { return [] }
    return file.text.tokens.filter { ["APIError", "APIErrorConvertible"].contains($0.text) }.map {
      Violation(file.path, $0.line, "\(file.name) may not know the API's answers: throw an error of its feature")
    }
  }
}
