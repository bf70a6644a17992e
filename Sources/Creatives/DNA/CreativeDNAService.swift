import Accounts
import Measurement
import Storage
import Values
import Web

/// The DNA of ads: taken in, and told.
package struct CreativeDNAService: Sendable {
  /// How many ads one import may have in one transaction.
  package static let batch = 1_000

  private let database: any Database
  private let clock: @Sendable () -> Instant
  private let accounts: AccountService
  private let ads: AdService
  private let marker: WinnerMarker
  private let repository = CreativeDNARepository()
  private let winners = WinnerRepository()
  private let quotas = QuotaService()

  package init(
    database: any Database, clock: @escaping @Sendable () -> Instant, accounts: AccountService, ads: AdService,
    marker: WinnerMarker
  ) {
    self.database = database
    self.clock = clock
    self.accounts = accounts
    self.ads = ads
    self.marker = marker
  }

  /// The DNA of an ad, and when it came. Throws ``WinnerError/withoutDNA(_:_:)``.
  package func dna(of adID: AdID, account: AccountID) async throws -> (dna: CreativeDNA, updatedAt: Instant) {
    let stored = try await database.read { [repository] in try repository.get(adID, of: account, in: $0) }
    guard let stored else { throw CreativeDNAError.unknown(adID, account) }
    return (stored.dna, stored.updatedAt)
  }

  /// Takes the DNA of ads, which need not be known yet, in place of what was known of it, all or none. Winners among them
  /// are embedded soon.
  ///
  /// Throws what quotas throw, and a ``CreativeDNAError`` where DNA says nothing at all.
  package func take(_ creatives: [(adID: AdID, dna: CreativeDNA)], of account: AccountID) async throws {
    try await accounts.write(inTurnOf: account) { [self] _, transaction in
      try write(creatives, of: account, in: transaction)
    }
  }

  /// Takes the DNA of an ad that has figures or DNA. Throws a ``CreativeDNAError`` for any other, and what
  /// ``take(_:of:)`` throws.
  package func put(_ dna: CreativeDNA, of adID: AdID, account: AccountID) async throws {
    try await accounts.write(inTurnOf: account) { [self] configuration, transaction in
      let isKnown =
        try repository.get(adID, of: account, in: transaction) != nil
        || !ads.states(of: [adID], account: account, configuration, in: transaction).isEmpty
      guard isKnown else { throw CreativeDNAError.unknownAd(adID, account) }
      try write([(adID, dna)], of: account, in: transaction)
    }
  }

  private func write(
    _ creatives: [(adID: AdID, dna: CreativeDNA)], of account: AccountID, in transaction: any Transaction
  ) throws {
    if let empty = creatives.first(where: \.dna.isEmpty) { throw CreativeDNAError.empty(empty.adID) }
    try quotas.hold(.creativeDNA, of: account, in: transaction) {
      for creative in creatives {
        try repository.save(creative.dna, of: creative.adID, account: account, at: clock(), in: transaction)
      }
    }
    let isOfWinner = try !winners.get(creatives.map(\.adID), of: account, in: transaction).isEmpty
    if isOfWinner { try marker.embedSoon(of: account, in: transaction) }
  }
}

extension Quota {
  /// Ads whose creative DNA is kept.
  package static let creativeDNA = Quota(
    "creative_dna", "Ads whose creative DNA is kept", allowance: { "keep the creative DNA of \($0) ads" },
    count: CreativeDNARepository().count)
}
