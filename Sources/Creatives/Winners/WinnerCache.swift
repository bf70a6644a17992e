import Accounts
import Storage
import Synchronization
import Values
import Web

/// Winners in memory, of the accounts that searched last. The database is the truth: each search first takes in what was
/// committed before it began, so that all processes answer alike.
final class WinnerCache: Sendable {
  private struct State {
    var accounts: [AccountID: AccountWinners] = [:]
    /// The accounts that are held, the one that searched last at the end.
    var order: [AccountID] = []
    /// Those that are being read for the first time.
    var loading: [AccountID: Task<Bool, any Error>] = [:]
  }

  /// How many changes are read at once.
  private static let page = 1_000
  /// What taking in one change costs, in microseconds.
  private static let changeCost = 20

  private let database: any Database
  private let accounts: AccountService
  private let compute: ComputeGate
  private let settings: WinnerSearchSettings
  private let repository = WinnerRepository()
  private let state = Mutex(State())

  init(database: any Database, accounts: AccountService, compute: ComputeGate, settings: WinnerSearchSettings) {
    self.database = database
    self.accounts = accounts
    self.compute = compute
    self.settings = settings
  }

  /// The account's winners with all that was committed before. Throws an ``AccountError`` for an account that is not there.
  func current(of account: AccountID) async throws -> AccountWinners {
    while true {
      let winners = state.withLock { state in
        let winners = state.accounts[account] ?? AccountWinners(makeIndex: settings.makeIndex)
        state.accounts[account] = winners
        return winners
      }
      // Many searches may wait for the first reading, which is done once.
      if winners.lastChange == 0 { _ = try await loading(winners, of: account).value }
      if try await catchUp(winners, of: account) {
        touch(account)
        return winners
      }
      forget(winners, of: account)
    }
  }

  /// How many embeddings are held of an account; nil where none are.
  func heldCount(of account: AccountID) -> Int? { state.withLock { $0.accounts[account]?.count } }

  private func loading(_ winners: AccountWinners, of account: AccountID) -> Task<Bool, any Error> {
    state.withLock { state in
      if let running = state.loading[account] { return running }
      let task = Task {
        defer { self.state.withLock { $0.loading[account] = nil } }
        return try await self.catchUp(winners, of: account)
      }
      state.loading[account] = task
      return task
    }
  }

  /// Takes in what was committed since. Returns false where the database is none that `winners` go on from: the account
  /// is another of that name, or an older state was restored.
  private func catchUp(_ winners: AccountWinners, of account: AccountID) async throws -> Bool {
    while true {
      let after = winners.lastChange
      let reading = try await database.read { [self] transaction in
        let incarnation = try accounts.incarnation(of: account, in: transaction)
        let last = try repository.last(of: account, in: transaction)
        let changes =
          last.change <= after
          ? [] : try repository.changes(after: after, limit: Self.page, of: account, in: transaction)
        return (incarnation: incarnation, last: last, changes: changes)
      }
      guard winners.isOf(reading.incarnation), after <= reading.last.change else { return false }
      guard !reading.changes.isEmpty else { return true }
      let cost = ComputeCost(microseconds: reading.changes.count * Self.changeCost)
      try await compute.run(of: account, cost, isBounded: false) {
        try winners.take(reading.changes, expectedCount: Int(clamping: reading.last.number))
      }
      if reading.changes.count < Self.page { return true }
    }
  }

  private func forget(_ winners: AccountWinners, of account: AccountID) {
    state.withLock { state in
      if state.accounts[account] === winners { state.accounts[account] = nil }
    }
  }

  /// Marks the account as the last that searched, and forgets those that searched longest ago where too much is held.
  private func touch(_ account: AccountID) {
    state.withLock { state in
      state.order.removeAll { $0 == account }
      state.order.append(account)
      var held = state.accounts.values.reduce(0) { $0 + $1.count }
      while state.order.count > 1, state.order.count > settings.accountLimit || held > settings.vectorLimit {
        held -= state.accounts.removeValue(forKey: state.order.removeFirst())?.count ?? 0
      }
    }
  }
}
