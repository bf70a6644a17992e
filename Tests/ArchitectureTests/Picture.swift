import Foundation

/// The targets of the product and the targets that each uses, from the manifest and from docs/architecture.md.
enum Picture {
  /// From the table whose rows are `target | holds | uses`.
  static func drawn(in text: String) -> [String: Set<String>] {
    var targets: [String: Set<String>] = [:]
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    for line in lines.drop(while: { $0 != "| target | holds | uses |" }).prefix(while: { !$0.isEmpty }) {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 3, let name = names(in: cells[0]).first, cells[0] == "`\(name)`" else { continue }
      targets[name] = Set(names(in: cells[2]))
    }
    return targets
  }

  private static func names(in cell: String) -> [String] {
    cell.matches(of: #/`(\w+)`/#).map { String($0.output.1) }
  }

  /// As SwiftPM reads the manifest of the package at `root`.
  static func built(at root: URL) throws -> [String: Set<String>] {
    let describe = Process()
    describe.executableURL = URL(filePath: "/usr/bin/env")
    describe.arguments = [
      "swift", "package", "--ignore-lock", "--package-path", root.path, "describe", "--type", "json",
    ]
    let output = Pipe()
    describe.standardOutput = output
    describe.standardError = FileHandle.nullDevice
    try describe.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    describe.waitUntilExit()
    let package = try JSONDecoder().decode(Package.self, from: data)
    let own = package.targets.filter { $0.path.hasPrefix("Sources/") && $0.type != "system-target" }
    return Dictionary(uniqueKeysWithValues: own.map { ($0.name, Set($0.target_dependencies ?? [])) })
      .mapValues { $0.filter { name in own.contains { $0.name == name } } }
  }

  private struct Package: Decodable {
    struct Target: Decodable {
      let name: String
      let path: String
      let type: String
      // The name is SwiftPM's.
      // swift-format-ignore: AlwaysUseLowerCamelCase
      let target_dependencies: [String]?
    }
    let targets: [Target]
  }
}
