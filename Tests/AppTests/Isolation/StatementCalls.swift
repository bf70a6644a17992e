import App
import Storage
import Values

/// A call for one account with the names of another.
struct Crossing: Sendable {
  let system: System
  /// The account that the call is for.
  let caller: Tenant
  /// Whose ads, deals, keys and jobs it names.
  let named: Tenant
  let now: Instant
}

/// How each function that writes or reads accounts' rows is called with the names of another account. Whoever adds such
/// a function adds its call here.
struct StatementCalls: Sendable {
  enum Call: Sendable {
    /// Called within a transaction, which is rolled back. `tells` says why the answer may depend on the other account.
    case within(@Sendable (Crossing, any Transaction) throws -> String, tells: String?)
    /// Called on the database itself; what it does stays.
    case committed(@Sendable (Crossing) async throws -> String)
    /// Not for one account, and why.
    case forAll(because: String)
  }

  /// The calls, by the functions' names.
  private(set) var calls: [String: Call] = [:]
  /// The functions that neither tell of rows nor change any.
  private(set) var traceless: Set<String> = []

  init() {
    addAccounts()
    addKeys()
    addAds()
    addDeals()
    addFunnels()
    addHubSpot()
    addMeta()
    addExecution()
    addLaunches()
    addCreatives()
    addWinners()
    addJobs()
    addJobsOfWorkers()
  }

  mutating func within<Answer>(
    _ names: String..., tells: String? = nil,
    _ call: @escaping @Sendable (Crossing, any Transaction) throws -> Answer
  ) {
    for name in names { calls[name] = .within({ String(reflecting: try call($0, $1)) }, tells: tells) }
  }

  mutating func committed<Answer>(_ names: String..., call: @escaping @Sendable (Crossing) async throws -> Answer) {
    for name in names { calls[name] = .committed { String(reflecting: try await call($0)) } }
  }

  mutating func forAll(_ names: String..., because reason: String) {
    for name in names { calls[name] = .forAll(because: reason) }
  }

  mutating func leavesNoTrace(_ names: String...) {
    traceless.formUnion(names)
  }
}
