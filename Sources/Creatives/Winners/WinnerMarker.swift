import Accounts
import DecisionEngine
import Jobs
import Measurement
import Storage
import Synchronization
import Values

/// Marks winners as figures and deals change, in the transaction that changes them, and leaves a job where there is
/// something to embed.
package final class WinnerMarker: Sendable {
  private let clock: @Sendable () -> Instant
  private let queue: DatabaseJobQueue
  private let winners = WinnerRepository()
  private let creatives = CreativeDNARepository()
  /// Whether a job was pushed that its workers have not been woken for.
  private let hasPushed = Mutex(false)

  package init(clock: @escaping @Sendable () -> Instant, queue: DatabaseJobQueue) {
    self.clock = clock
    self.queue = queue
  }

  /// Hears of changed ads; an ``AdListener``.
  @Sendable package func hear(_ change: AdChange, in transaction: any Transaction) throws {
    guard change.cause != .delivery else { return }
    let states = try change.states()
    let known = try winners.get(change.ads, of: change.account, in: transaction)
    let marked = WinnerMarks.changed(states, known, by: change.configuration.winnerRule, at: clock())
    try mark(marked, of: change.account, in: transaction)
  }

  /// Stores marks, and leaves a job where winners among them have DNA but no embedding.
  func mark(_ marked: [Winner], of account: AccountID, in transaction: any Transaction) throws {
    guard !marked.isEmpty else { return }
    try winners.save(marked, of: account, in: transaction)
    let bare = marked.filter { !$0.isEmbedded }.map(\.adID)
    guard try !creatives.known(bare, of: account, in: transaction).isEmpty else { return }
    try embedSoon(of: account, in: transaction)
  }

  /// Leaves a job that embeds what has no embedding. Call ``committed(_:)`` after the commit.
  func embedSoon(of account: AccountID, in transaction: any Transaction) throws {
    try push(AutoIndexWinner(embeddingOf: account), in: transaction)
  }

  /// Leaves a job that judges all ads, and then embeds. Call ``committed(_:)`` after the commit.
  func judgeSoon(of account: AccountID, in transaction: any Transaction) throws {
    try push(AutoIndexWinner(accountID: account), in: transaction)
  }

  private func push(_ job: AutoIndexWinner, in transaction: any Transaction) throws {
    try queue.push([job], in: transaction)
    hasPushed.withLock { $0 = true }
  }

  /// Wakes this process's workers after a commit, where a job was pushed.
  @Sendable package func committed(_ account: AccountID) {
    let wakes = hasPushed.withLock { hasPushed in
      defer { hasPushed = false }
      return hasPushed
    }
    if wakes { queue.wake(.winners) }
  }
}
