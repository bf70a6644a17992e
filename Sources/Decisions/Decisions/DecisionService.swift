import Accounts
import DecisionEngine
import Formats
import Measurement
import Storage
import Values
import Web

/// Makes decisions, stores them, and can explain and replay them.
package struct DecisionService: Sendable {
  let database: any Database
  let clock: @Sendable () -> Instant
  let repository = DecisionRepository()
  private let quotas = QuotaService()
  let accounts: AccountService
  let snapshots: SnapshotService
  let compute: ComputeGate
  private let ads: AdService

  /// Computes in `compute`; `clock` returns the current moment.
  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant, accounts: AccountService, ads: AdService,
    compute: ComputeGate
  ) {
    self.database = database
    self.clock = clock
    self.accounts = accounts
    self.ads = ads
    self.compute = compute
    snapshots = SnapshotService(database: database, compute: compute)
  }

  /// A decision and where it is stored.
  package struct Decided: Sendable {
    /// The decision's id, to explain and replay it by.
    package let id: DecisionID
    /// The decision.
    package let selection: BudgetSelection
    /// The configuration that it was made with.
    package let configuration: AccountConfiguration
    /// The names of those ads that have one.
    package let names: [AdID: String]
    /// What its figures are based on, and which ads it left out.
    package let basis: DecisionBasis?
    /// The decision as JSON, as in the answer of `select`.
    package let answer: [UInt8]
  }

  /// A request for a decision about an account's stored ads.
  package struct Order: Sendable {
    package var account: AccountID
    /// Who requests it.
    package var author = AuditActor.system
    /// The total to split.
    package var totalBudget: Money
    /// The last day that counts, in the account's calendar; nil for everything known now.
    package var day: CalendarDay?
    /// The seed of every draw; nil for a random one.
    package var seed: UInt64?
    /// Whether the account's daily change limit applies.
    package var limitsChange = true
    /// Creative DNA scores in 0...1 of some of the ads.
    package var dnaScores: [AdID: Double] = [:]
    /// The policy to use.
    package var policy = Policy.lagAware
    /// Whether the order is refused where too much computing is already waiting for its account.
    package var isRefusedWhenBusy = true

    package init(account: AccountID, totalBudget: Money) {
      self.account = account
      self.totalBudget = totalBudget
    }
  }

  /// Splits the order's total over the account's running ads and stores the decision.
  ///
  /// Throws a ``FeatureError`` that says what to change, such as a ``DecisionError``, an ``AdError`` or a
  /// ``QuotaError``; then nothing is stored.
  package func decide(_ order: Order) async throws -> Decided {
    let (id, now) = (DecisionID(newFor: order.account), clock())
    let known = try await database.read { [self] in try read(order, at: now, in: $0) }
    let count = max(known.inputs.ads.count, known.inputs.history?.ads.count ?? 0)
    let made = try await compute.run(
      of: order.account, .deciding(count, order.policy), isBounded: order.isRefusedWhenBusy
    ) {
      try MadeDecision(
        id, at: now, by: order.author, of: order.totalBudget, known.inputs, known.sampler.configuration,
        accounts.settings)
    }
    let draft = try await snapshots.draft(
      made.snapshot, order.policy, of: order.account, isBounded: order.isRefusedWhenBusy)
    try await database.write { [repository, snapshots, quotas] transaction in
      try quotas.hold(.decisions, of: order.account, in: transaction) {
        let number = try snapshots.keep(made.snapshot, draft, order.policy, of: order.account, in: transaction)
        try repository.insert(made.record(from: number), in: transaction)
      }
    }
    return Decided(
      id: id, selection: made.selection, configuration: known.sampler.configuration, names: known.names,
      basis: known.inputs.basis, answer: made.answer)
  }

  /// Everything a decision is based on, read in one snapshot at one moment.
  private struct Known: Sendable {
    let sampler: ConfiguredPolicies
    let inputs: SelectionInputs
    let names: [AdID: String]
  }

  /// The running ads of an account, its configuration, and what the figures are based on.
  struct RunningAds: Sendable {
    let sampler: ConfiguredPolicies
    let known: KnownAds
    let basis: DecisionBasis
  }

  /// The running ads of the account, read in one snapshot.
  ///
  /// Throws an ``AdError`` where there are no ads, their figures are too old, or none runs.
  func running(of account: AccountID, withHistory: Bool) async throws -> RunningAds {
    let now = clock()
    return try await database.read { [self] in
      try running(of: account, asOf: nil, at: now, withHistory: withHistory, in: $0)
    }
  }

  private func running(
    of account: AccountID, asOf day: CalendarDay?, at now: Instant, withHistory: Bool,
    in transaction: any Transaction
  ) throws -> RunningAds {
    let configuration = try accounts.configuration(of: account, in: transaction)
    let known = try ads.known(
      of: account, configuration, asOf: day, at: now, withHistory: withHistory, in: transaction)
    return RunningAds(
      sampler: ConfiguredPolicies(of: account, configuration), known: known,
      basis: try known.basis(of: account))
  }

  private func read(_ order: Order, at now: Instant, in transaction: any Transaction) throws -> Known {
    let configuration = try accounts.configuration(of: order.account, in: transaction)
    let total = try SelectionInputs.minorUnits(ofTotal: order.totalBudget, in: configuration.currency)
    try quotas.requireRoom(for: .decisions, of: order.account, in: transaction)
    let ads = try running(
      of: order.account, asOf: order.day, at: now, withHistory: order.policy == .lagAware, in: transaction)
    let leftOut = Set(ads.basis.leftOut.map(\.adID))
    let inputs = SelectionInputs(
      policy: order.policy, ads: ads.known.running, history: ads.known.history, now: ads.known.at,
      totalBudget: total, dnaScores: order.dnaScores.filter { !leftOut.contains($0.key) },
      seed: order.seed ?? SelectionInputs.randomSeed(), limitsChange: order.limitsChange, basis: ads.basis)
    return Known(sampler: ads.sampler, inputs: inputs, names: ads.known.names)
  }

  /// The days that ``dailySpend(of:)`` averages.
  package static let spendDays = 3

  /// The account's average spend per day over the last three whole days, in whole minor units; nil for none.
  ///
  /// Throws an ``AdError`` where the account's figures are too old for decisions.
  package func dailySpend(of account: AccountID) async throws -> Money? {
    let configuration = try await accounts.configuration(of: account)
    let freshness = try await ads.freshness(of: account)
    try freshness.check(account)
    let today = freshness.day
    let record = try await ads.record(
      of: account, configuration, from: today.adding(days: -Self.spendDays), to: today.adding(days: -1))
    let spent = record.spend.values.reduce(0) { $0 + $1.values.reduce(0, +) }
    let minorUnits = (spent / Double(Self.spendDays) * Double(configuration.currency.minorUnitsPerMajor)).rounded()
    // More than any selection may split stays more than that, and is refused there.
    let total = Int64(clamping: min(minorUnits, 2 * Double(BattleHardenedSampler.largestTotal)))
    return total > 0 ? Money(minorUnits: total, of: configuration.currency) : nil
  }
}
