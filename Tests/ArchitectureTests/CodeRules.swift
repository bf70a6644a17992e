/// Rules of the code's text.
enum CodeRules {
  static let longestFile = 400

  /// No file is too long to read in one go.
  static func tooLong(_ file: SourceFile) -> [Violation] {
    file.lineCount > longestFile
      ? [Violation(file.path, longestFile + 1, "\(file.lineCount) lines are more than \(longestFile)")] : []
  }

  /// What can stop the program, or what the compiler is told not to check, has a comment that says why it is safe.
  static func unexplained(in file: SourceFile) -> [Violation] {
    let tokens = file.text.tokens
    return tokens.indices.compactMap { index -> Violation? in
      let line = tokens[index].line
      guard let what = danger(at: index, in: tokens), !file.text.commentLines.contains(line),
        !file.text.commentLines.contains(line - 1)
      else { return nil }
      return Violation(file.path, line, "\(what) without a comment that says why it is safe")
    }
  }

  /// Tests of a deployment of several processes, which send no event that a test could wait for.
  private static let watching: Set = ["Tests/AppTests/World/WorldRun.swift", "Tests/WorldRole/main.swift"]

  /// Tests wait for events, not for time to pass.
  static func sleeping(in file: SourceFile) -> [Violation] {
    guard !watching.contains(file.path) else { return [] }
    let calls: Set<String> = ["sleep", "usleep", "nanosleep"]
    let tokens = file.text.tokens
    return tokens.indices.filter { index in
      calls.contains(tokens[index].text) && index + 1 < tokens.count && tokens[index + 1].text == "("
    }.map { Violation(file.path, tokens[$0].line, "a test may not call \(tokens[$0].text)") }
  }

  /// An account's turn is taken through `AccountService`, which reads the configuration within the turn.
  static func turnsWithoutConfiguration(in file: SourceFile) -> [Violation] {
    let stages = ["Accounts", "Measurement", "Decisions", "Platforms", "Operations"]
    guard stages.contains(where: { file.path.hasPrefix("Sources/\($0)/") }),
      !file.path.hasSuffix("/AccountService.swift")
    else { return [] }
    let tokens = file.text.tokens
    let call = ["database", ".", "write", "(", "inTurnOf"]
    return tokens.indices.filter { start in
      tokens[start...].prefix(call.count).map(\.text) == call
    }.map { Violation(file.path, tokens[$0].line, "take the turn by AccountService.write(inTurnOf:)") }
  }

  private static func danger(at index: Int, in tokens: [Token]) -> String? {
    let following = index + 1 < tokens.count ? tokens[index + 1] : nil
    let next = following?.text ?? ""
    switch tokens[index].text {
    case "fatalError" where next == "(": return "fatalError"
    case "unchecked" where next == "Sendable": return "unchecked Sendable"
    case "!" where !(next == "=" && following?.isGlued == true): return forced(at: index, in: tokens)
    default: return nil
    }
  }

  /// The forcing that an exclamation mark stands for; nil where it negates.
  private static func forced(at index: Int, in tokens: [Token]) -> String? {
    guard index > 0, tokens[index].isGlued, let last = tokens[index - 1].text.last else { return nil }
    switch tokens[index - 1].text {
    case "try": return "try!"
    case "as": return "as!"
    default:
      return last.isLetter || last.isNumber || "_`)]}>?\"".contains(last) ? "force unwrap" : nil
    }
  }
}

/// Words that have no place in a finished product, kept in pieces so that this file does not hold them.
enum WordRules {
  static let words = ["TO" + "DO", "FIX" + "ME", "/" + "work/", "/" + "root/", "/" + "home/"]

  /// Finds the words, in any case: as whole words, and as the beginning of a path from the top of the disk.
  static func violations(path: String, text: String) -> [Violation] {
    let sought = words.map { (word: $0, lower: $0.lowercased()) }
    return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap { number, line in
      let lower = line.lowercased()
      return sought.filter { lower.contains($0.lower) && stands(Array($0.lower), in: Array(lower)) }.map {
        Violation(path, number + 1, "holds \"\($0.word)\"")
      }
    }
  }

  private static func stands(_ word: [Character], in line: [Character]) -> Bool {
    guard line.count >= word.count else { return false }
    return (0...(line.count - word.count)).contains { start in
      guard line[start] == word[0], Array(line[start..<(start + word.count)]) == word else { return false }
      let before = start > 0 ? line[start - 1] : " "
      // A folder of the checkout may have such a name; a path from the top of the disk begins with its stroke.
      if word[0] == "/" { return !(before.isLetter || before.isNumber || "._-)}>*".contains(before)) }
      let end = start + word.count
      return !before.isLetter && !(end < line.count && line[end].isLetter)
    }
  }
}
