/// What went wrong, with all that it takes to see it again.
package struct FuzzFailure: Error, Sendable, CustomStringConvertible {
  /// The seed of the run.
  package let seed: UInt64
  /// The number of the request, or of the session of policy lines.
  package let number: Int
  /// What went wrong.
  package let problem: String
  /// What was sent.
  package let input: String
  /// What came back.
  package let answer: String

  /// All of it in lines.
  package var description: String {
    "\(problem)\n  seed \(seed), number \(number)\n--- sent\n\(input)\n--- answered\n\(answer)\n"
  }
}

/// What a run came to.
package struct FuzzReport: Sendable {
  /// How many requests or sessions were made.
  package internal(set) var count = 0
  /// How often each outcome was met: a status, or an outcome of a policy.
  package internal(set) var outcomes: [String: Int] = [:]
  /// What went wrong, the first of each kind.
  package internal(set) var failures: [FuzzFailure] = []
  private var kinds: Set<String> = []

  mutating func add(_ outcome: String) {
    count += 1
    outcomes[outcome, default: 0] += 1
  }

  /// Keeps the first failure of each `kind`, at most 100.
  mutating func add(_ failure: FuzzFailure, kind: String) {
    guard failures.count < 100, kinds.insert(kind).inserted else { return }
    failures.append(failure)
  }

  /// The counts in a line.
  package var summary: String {
    "\(count): " + outcomes.sorted { $0.key < $1.key }.map { "\($0.key) x \($0.value)" }.joined(separator: ", ")
  }
}
