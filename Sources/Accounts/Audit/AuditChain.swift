import Crypto
import Formats
import Values

/// The head of an account's audit log: how many lines there are, and a hash over all of them.
///
/// Each line's hash is the SHA-256 of the previous hash and of the line itself, so a line that is changed, removed or
/// inserted changes every hash that follows. Anyone who can write to the database can recompute all of them; a head
/// that was noted outside the database reveals even that.
package struct AuditHead: Hashable, Sendable, CustomStringConvertible {
  /// How many lines there are.
  package let lines: Int
  /// The hash of the last line, as 64 hexadecimal digits; zeros for a log without lines.
  package let hash: String

  /// The head of an empty log.
  static let start = AuditHead(lines: 0, hash: String(repeating: "0", count: 64))

  init(lines: Int, hash: String) {
    self.lines = lines
    self.hash = hash
  }

  /// Reads `LINES:HASH`; returns nil for anything else.
  package init?(_ text: String) {
    guard let match = text.wholeMatch(of: #/([0-9]{1,18}):([0-9a-f]{64})/#), let lines = Int(match.1) else {
      return nil
    }
    self.init(lines: lines, hash: String(match.2))
  }

  /// `LINES:HASH`.
  package var description: String { "\(lines):\(hash)" }

  /// The head after one more line.
  ///
  /// Throws where a value of the line is not JSON.
  func adding(_ entry: AuditEntry, of account: AccountID) throws -> AuditHead {
    let values = try [entry.before, entry.after].map { text in
      try text.map { try JSONReader.read($0) { try $0.readValue() }.canonicalText }
    }
    let parts: [String?] =
      [
        hash, "\(lines + 1)", account.value, entry.id.description, "\(entry.at.microseconds)", entry.actor,
        entry.action, entry.subject,
      ] + values
    var digest = SHA256()
    for part in parts {
      // With its length before it, no part can be mistaken for the end of the previous one.
      digest.update(data: Array((part.map { "\($0.utf8.count):\($0)" } ?? "-").utf8))
    }
    return AuditHead(lines: lines + 1, hash: Hex.text(digest.finalize()))
  }
}

/// The result of verifying an account's audit log.
package struct AuditVerification: Hashable, Sendable {
  package let account: AccountID
  /// The head of the existing lines.
  package let head: AuditHead
  /// What does not match; nil where the log is intact.
  package let problem: String?
}

/// Verifies an account's lines from the first on.
struct AuditChainReader {
  private let account: AccountID
  private let mark: AuditHead?
  private(set) var head = AuditHead.start
  private var problem: String?

  /// `mark` is a head that was noted earlier.
  init(of account: AccountID, mark: AuditHead? = nil) {
    self.account = account
    self.mark = mark
  }

  mutating func take(_ entry: AuditEntry) throws {
    head = try head.adding(entry, of: account)
    guard problem == nil else { return }
    if let hash = entry.hash, AuditHead(lines: entry.line ?? 0, hash: hash) != head {
      problem = "line \(head.lines) (\(entry.id)) or one before it was changed, added or removed"
    } else if let mark, mark.lines == head.lines, mark != head {
      problem = "line \(head.lines) or one before it is not what it was when \(mark) was noted"
    }
  }

  /// The result, where `stored` is the head in the database.
  func verification(stored: AuditHead?) -> AuditVerification {
    var problem = problem
    if problem == nil, stored != head, stored != nil || head != .start {
      problem = "it has \(head.lines) lines, but its head says \(stored.map { "\($0.lines)" } ?? "nothing")"
    }
    if problem == nil, let mark, mark.lines > head.lines {
      problem = "it has \(head.lines) lines, but had \(mark.lines) when \(mark) was noted"
    }
    return AuditVerification(account: account, head: head, problem: problem)
  }
}
