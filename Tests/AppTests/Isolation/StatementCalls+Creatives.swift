import Accounts
import App
import AppTestKit
import Formats
import Jobs
import Storage
import TestKit
import Testing
import Values

@testable import Creatives

/// Winners and creative DNA of tenants, and how each function with their SQL is called.
enum TenantWinners {
  /// Remembers ads as winners that are found, with DNA that says the account's own word.
  static func make(of account: AccountID, _ ads: [AdID], saying word: String, in test: TestSystem) async throws {
    let rows = try ads.map { ad in
      var row = WinnerRow(ad)
      row.dna = try CreativeDNA.read(columns: [("hook_text_full", word)])
      row.model = "words"
      row.embedding = WordEmbedder().vector(word)
      return row
    }
    try await test.system.winnerTransfer.take(rows, of: account)
    let jobs = try await test.system.jobs.list(JobFilter(accountID: account, name: AutoIndexWinner.name))
    for job in jobs { try await test.system.jobs.cancel(job.id, of: account) }
  }
}

extension StatementCalls {
  mutating func addCreatives() {
    let creatives = CreativeDNARepository()
    within("CreativeDNARepository.save(_:of:account:at:in:)") { c, t in
      let dna = try CreativeDNA.read(columns: [("hook_text_full", "another")])
      try creatives.save(dna, of: c.named.ad, account: c.caller.account, at: c.now, in: t)
    }
    within("CreativeDNARepository.get(_:of:in:)") { c, t in
      let one = try creatives.get(c.named.ad, of: c.caller.account, in: t)
      return (one, try creatives.get([c.named.ad], of: c.caller.account, in: t).values.map(\.adID))
    }
    within("CreativeDNARepository.known(_:of:in:)") { c, t in
      try creatives.known([c.named.ad], of: c.caller.account, in: t)
    }
    within("CreativeDNARepository.renewHashes(_:of:in:)") { c, t in
      try t.execute("UPDATE creative_dna SET text_version = 9 WHERE account_id = \(c.caller.account)")
      let hash = String(repeating: "a", count: 64)
      try creatives.renewHashes([(adID: c.named.ad, textHash: hash)], of: c.caller.account, in: t)
    }
    within("CreativeDNARepository.count(of:in:)") { c, t in try creatives.count(of: c.caller.account, in: t) }
  }

  mutating func addWinners() {
    let winners = WinnerRepository()
    @Sendable func winner(_ c: Crossing) -> Winner {
      Winner(c.named.ad, of: c.caller.account, by: .ctr, at: c.now, then: WinnerFigures())
    }
    within("WinnerRepository.last(of:in:)") { c, t in try winners.last(of: c.caller.account, in: t) }
    within("WinnerRepository.save(_:of:in:)") { c, t in
      try winners.save([winner(c)], of: c.caller.account, in: t)
    }
    within("WinnerRepository.place(_:of:at:in:)") { c, t in
      let text = EmbeddedText(
        model: "other", dimension: 384, textVersion: 1, textHash: String(repeating: "b", count: 64))
      let placement = WinnerRepository.Placement(
        adID: c.named.ad, text: text, embedding: WordEmbedder().vector("x"), problem: nil)
      try winners.place([placement], of: c.caller.account, at: c.now, in: t)
    }
    within("WinnerRepository.get(_:of:in:)") { c, t in
      let one = try winners.get(c.named.ad, of: c.caller.account, in: t)
      return (one, try winners.get([c.named.ad], of: c.caller.account, in: t).values.map(\.number))
    }
    within("WinnerRepository.all(of:in:)") { c, t in
      try winners.all(of: c.caller.account, in: t).values.map(\.adID).sorted()
    }
    within("WinnerRepository.list(after:limit:onlyWaiting:of:in:)") { c, t in
      try winners.list(after: nil, limit: 9, onlyWaiting: false, of: c.caller.account, in: t)
    }
    within("WinnerRepository.embedding(of:account:in:)") { c, t in
      try winners.embedding(of: c.named.ad, account: c.caller.account, in: t)?.model
    }
    within("WinnerRepository.changes(after:limit:of:in:)") { c, t in
      try winners.changes(after: 0, limit: 9, of: c.caller.account, in: t).map(\.adID)
    }
    within("WinnerRepository.usualModel(of:in:)") { c, t in try winners.usualModel(of: c.caller.account, in: t) }
    within("WinnerRepository.waiting(for:only:limit:of:in:)") { c, t in
      try winners.waiting(for: "other", limit: 9, of: c.caller.account, in: t).map(\.adID)
    }
    within("WinnerRepository.counts(of:model:in:)") { c, t in
      try winners.counts(of: c.caller.account, model: "words", in: t)
    }
    addNearness()
    forAll(
      "VectorColumn.present(in:)", "VectorColumn.prepared(in:)", "VectorColumn.adopt(in:)",
      because: "the column is every account's")
    forAll(
      "VectorColumn.definition(_:)", "VectorColumn.value(of:)", "WinnerRepository.byIndex(_:of:)",
      "WinnerRepository.byComparing(_:of:)", because: "it makes a statement or a value, and reads nothing")
    forAll("WinnerRepository.winner(from:)", because: "it reads a row that it is given")
  }

  private mutating func addNearness() {
    let name = "WinnerRepository.nearest(_:of:in:)"
    guard TestDatabase.isPostgres else { return forAll(name, because: "SQLite has no pgvector") }
    within(name) { c, t in
      let nearness = WinnerRepository.Nearness(
        embedding: WordEmbedder().vector("x"), model: "words", limit: 9, filter: WinnerFilter(), except: nil)
      return try WinnerRepository().nearest(nearness, of: c.caller.account, in: t).map(\.adID)
    }
  }
}
