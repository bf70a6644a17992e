import Foundation

/// The files of the checkout that this test was built from.
enum Checkout {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The paths of all files from the top, save what `.gitignore` leaves out.
  static let paths: [String] = {
    let ignored = Ignored((try? String(contentsOf: root.appending(path: ".gitignore"), encoding: .utf8)) ?? "")
    guard let walk = FileManager.default.enumerator(atPath: root.path) else { return [] }
    var paths: [String] = []
    while let path = walk.nextObject() as? String {
      let isFolder = walk.fileAttributes?[.type] as? FileAttributeType == .typeDirectory
      if ignored.covers(path, isFolder: isFolder) {
        if isFolder { walk.skipDescendants() }
      } else if walk.fileAttributes?[.type] as? FileAttributeType == .typeRegular {
        paths.append(path)
      }
    }
    return paths.sorted()
  }()

  /// Every Swift file of the folders that hold code.
  static let swiftFiles: [SourceFile] = paths.compactMap { path in
    guard path.hasSuffix(".swift"), ["Sources/", "Tests/", "Benchmarks/"].contains(where: path.hasPrefix),
      let text = text(of: path)
    else { return nil }
    return SourceFile(path, text)
  }

  static func swiftFiles(in folder: String) -> [SourceFile] {
    swiftFiles.filter { $0.path.hasPrefix(folder + "/") }
  }

  /// The text of a file; nil for what is not text.
  static func text(of path: String) -> String? {
    guard let data = try? Data(contentsOf: root.appending(path: path)), !data.contains(0) else { return nil }
    return String(data: data, encoding: .utf8)
  }

  /// The folders below `Sources`.
  static var targets: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Sources").path)
        .filter { !$0.hasPrefix(".") }.sorted()
    }
  }
}

/// The patterns of a `.gitignore` in its plain forms: `name`, `folder/`, `/from/the/top`, `*.ending` and `start*`.
struct Ignored {
  private let patterns: [Substring]

  init(_ text: String) {
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") && !$0.allSatisfy(\.isWhitespace) }
    patterns = [".git"] + lines
  }

  func covers(_ path: String, isFolder: Bool) -> Bool {
    let name = path.split(separator: "/").last ?? ""
    return patterns.contains { written in
      if written.hasSuffix("/"), !isFolder { return false }
      let pattern = written.hasSuffix("/") ? written.dropLast() : written
      if pattern.contains("/") { return path == (pattern.hasPrefix("/") ? pattern.dropFirst() : pattern) }
      if pattern.hasPrefix("*") { return name.hasSuffix(pattern.dropFirst()) }
      if pattern.hasSuffix("*") { return name.hasPrefix(pattern.dropLast()) }
      return name == pattern
    }
  }
}
