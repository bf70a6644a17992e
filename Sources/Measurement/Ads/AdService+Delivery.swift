import Accounts
import DecisionEngine
import Formats
import Storage
import Values

extension AdService {
  /// The account's ads with their current delivery, by ad id; only those in `named` where that is not empty.
  ///
  /// Throws ``AccountError/unknown(_:)``, or ``AdError/unknown(_:_:)`` for an ad of `named`.
  package func list(_ named: [AdID] = [], of account: AccountID) async throws -> [KnownAds.Ad] {
    let ads = try await known(of: account, configuration: accounts.configuration(of: account)).ads
    guard !named.isEmpty else { return ads }
    let byID = Dictionary(uniqueKeysWithValues: ads.map { ($0.state.adID, $0) })
    return try Set(named).sorted().map { adID in
      guard let ad = byID[adID] else { throw AdError.unknown(adID, account) }
      return ad
    }
  }

  /// States that `ads` are in `state` from now on, overriding files and figures, and returns those that were in another
  /// state or had no statement by a person.
  ///
  /// Throws ``AdError/unknown(_:_:)``; then nothing changes.
  package func setDelivery(
    _ state: DeliveryState, of ads: [AdID], account: AccountID, by actor: AuditActor
  ) async throws -> [AdID] {
    try await accounts.write(inTurnOf: account) { [self] configuration, transaction in
      let now = clock()
      let known = try known(of: account, configuration, asOf: nil, at: now, withHistory: false, in: transaction)
      let byID = Dictionary(uniqueKeysWithValues: known.ads.map { ($0.state.adID, $0.delivery) })
      var changed: [DeliveryStatement] = []
      for adID in Set(ads).sorted() {
        guard let before = byID[adID] else { throw AdError.unknown(adID, account) }
        if case .person = before.statement?.source, before.state == state { continue }
        changed.append(
          DeliveryStatement(adID: adID, state: state, source: .person(actor.description), statedAt: now))
        try audit.record(
          state == .active ? .adActivated : .adPaused, of: adID.value, by: actor, account: account,
          before: ["state": .string(before.state.rawValue), "source": .string(before.sourceName)],
          after: ["state": .string(state.rawValue), "source": .string("person")], in: transaction)
      }
      try deliveries.insert(changed, of: account, in: transaction)
      try announce(.delivery, Set(changed.map(\.adID)), of: account, configuration, in: transaction)
      return changed.map(\.adID)
    }
  }

  /// Stores what a file, or a platform, states about ads' delivery, and returns the ads for which that is new. Earlier
  /// statements stay known for decisions as of a past day; a statement by a file of later days is not replaced.
  @discardableResult
  func takeDelivery(
    _ states: [AdID: DeliveryState], from fileName: String, asOf day: CalendarDay, of account: AccountID,
    at now: Instant, in transaction: any Transaction
  ) throws -> Set<AdID> {
    guard !states.isEmpty else { return [] }
    let known = try deliveries.statements(of: account, by: now, in: transaction)
    let name = String(decoding: (fileName.split(separator: "/").last ?? "a file").utf8.prefix(64), as: UTF8.self)
    var (new, confirmed): ([DeliveryStatement], [DeliveryStatement]) = ([], [])
    for (adID, state) in states.sorted(by: { $0.key < $1.key }) {
      let before = known[adID]?.file
      if let before, case .file(_, let asOf) = before.source {
        guard asOf <= day else { continue }
        if before.state == state {
          if asOf < day { confirmed.append(before) }
          continue
        }
      }
      new.append(DeliveryStatement(adID: adID, state: state, source: .file(name, asOf: day), statedAt: now))
    }
    try deliveries.insert(new, of: account, in: transaction)
    try deliveries.confirm(confirmed, of: account, asOf: day, in: transaction)
    return Set(new.map(\.adID))
  }
}
