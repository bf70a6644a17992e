import Accounts
import DecisionEngine
import Formats
import Storage
import Values
import Web

extension AdService {
  /// The account's ads with what is known of their delivery now, by ad id; only `named` ones where that is not empty.
  ///
  /// Throws an ``APIError`` of status 404 where the account, or an ad of `named`, does not exist.
  package func list(_ named: [AdID] = [], of account: AccountID) async throws -> [KnownAds.Ad] {
    let ads = try await known(of: account, configuration: accounts.configuration(of: account)).ads
    guard !named.isEmpty else { return ads }
    let byID = Dictionary(uniqueKeysWithValues: ads.map { ($0.state.adID, $0) })
    return try Set(named).sorted().map { adID in
      guard let ad = byID[adID] else { throw APIError.notFound("ad \(adID) of account \(account)") }
      return ad
    }
  }

  /// States that `ads` are in `state` from now on, whatever files and figures say, and returns those that were in
  /// another state or had not been stated by a person before.
  ///
  /// Throws an ``APIError`` of status 404 where an ad does not exist; then nothing changes.
  package func setDelivery(
    _ state: DeliveryState, of ads: [AdID], account: AccountID, by actor: AuditActor
  ) async throws -> [AdID] {
    try await accounts.write(inTurnOf: account) { [self] configuration, transaction in
      let now = clock()
      let known = try known(of: account, configuration, asOf: nil, at: now, withHistory: false, in: transaction)
      let byID = Dictionary(uniqueKeysWithValues: known.ads.map { ($0.state.adID, $0.delivery) })
      var changed: [DeliveryStatement] = []
      for adID in Set(ads).sorted() {
        guard let before = byID[adID] else { throw APIError.notFound("ad \(adID) of account \(account)") }
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

  /// Takes in what a file said of ads' delivery. What an earlier file said stays known for decisions as of a past day;
  /// what a file of later days said is not replaced.
  func takeDelivery(
    _ states: [AdID: DeliveryState], from fileName: String, asOf day: CalendarDay, of account: AccountID,
    at now: Instant, in transaction: any Transaction
  ) throws {
    guard !states.isEmpty else { return }
    let known = try deliveries.statements(of: account, by: now, in: transaction)
    let name = String(decoding: (fileName.split(separator: "/").last ?? "a file").utf8.prefix(64), as: UTF8.self)
    var (new, confirmed): ([DeliveryStatement], [DeliveryStatement]) = ([], [])
    for (adID, state) in states.sorted(by: { $0.key < $1.key }) {
      let before = known[adID]?.file
      if let before, case .file(_, let asOf) = before.source {
        guard asOf <= day else { continue }
        if before.state == state {
          confirmed.append(before)
          continue
        }
      }
      new.append(DeliveryStatement(adID: adID, state: state, source: .file(name, asOf: day), statedAt: now))
    }
    try deliveries.insert(new, of: account, in: transaction)
    try deliveries.confirm(confirmed, of: account, asOf: day, in: transaction)
  }
}
