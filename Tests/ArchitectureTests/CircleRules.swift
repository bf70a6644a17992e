/// A directed graph of names, each edge with a place that makes it.
struct Graph {
  private(set) var edges: [String: [String: Violation]] = [:]

  mutating func add(_ from: String, _ to: String, at path: String, line: Int, because reason: String) {
    guard from != to, edges[from]?[to] == nil else { return }
    edges[from, default: [:]][to] = Violation(path, line, reason)
  }

  /// The groups of two or more names that reach each other, sorted.
  var circles: [[String]] {
    let names = Set(edges.keys).union(edges.values.flatMap(\.keys))
    let reachable = Dictionary(uniqueKeysWithValues: names.map { ($0, reach(from: $0)) })
    let groups = names.map { name in
      names.filter { other in
        reachable[name]?.contains(other) == true && reachable[other]?.contains(name) == true
      }.sorted()
    }
    return Set(groups.filter { $0.count > 1 }).sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// The edges within the circles: each is a part of the knot.
  var violations: [Violation] {
    circles.flatMap { circle in
      circle.flatMap { from in
        circle.compactMap { to in
          edges[from]?[to].map {
            Violation($0.path, $0.line, "circle of \(circle.joined(separator: ", ")): \($0.rule)")
          }
        }
      }
    }
  }

  private func reach(from start: String) -> Set<String> {
    var seen: Set<String> = []
    var next = [start]
    while let name = next.popLast() {
      for other in (edges[name] ?? [:]).keys where seen.insert(other).inserted { next.append(other) }
    }
    return seen
  }
}

/// Features do not go round in circles. Targets cannot: the package would not build.
enum CircleRules {
  /// An edge for every feature whose files name a type of another.
  static func featureGraph(of files: [SourceFile]) -> Graph {
    var graph = Graph()
    for use in uses(in: files) {
      graph.add(
        use.from, use.to, at: use.path, line: use.line, because: "\(use.from) names \(use.name) of \(use.to)")
    }
    return graph
  }

  private struct Use {
    let from: String
    let to: String
    let name: String
    let path: String
    let line: Int
  }

  private static func uses(in files: [SourceFile]) -> [Use] {
    var folders: [String: Set<String>] = [:]
    for file in files {
      guard let feature = file.feature else { continue }
      for name in file.topLevelTypes { folders[name, default: []].insert(feature) }
    }
    return files.flatMap { file -> [Use] in
      guard let feature = file.feature else { return [] }
      return file.namedWords.flatMap { word -> [Use] in
        guard let declaring = folders[word.text], !declaring.contains(feature) else { return [] }
        return declaring.sorted().map {
          Use(from: feature, to: $0, name: word.text, path: file.path, line: word.line)
        }
      }
    }
  }
}

/// A feature calls another's service, never its repository.
enum RepositoryRules {
  static func violations(in files: [SourceFile]) -> [Violation] {
    var owners: [String: Set<String>] = [:]
    for file in files {
      guard let feature = file.feature else { continue }
      for name in file.topLevelTypes where name.hasSuffix("Repository") { owners[name, default: []].insert(feature) }
    }
    return files.filter { $0.target != nil }.flatMap { file in
      file.namedWords.filter { word in
        guard let owner = owners[word.text] else { return false }
        return file.feature.map { !owner.contains($0) } ?? true
      }.map { Violation(file.path, $0.line, "\($0.text) is named outside its feature") }
    }
  }
}
