import App
import Storage
import Testing

@Suite("Steps of the schema that have shipped")
struct ShippedStepsTests {
  /// By step, the checksums of what databases were made with: on SQLite and on PostgreSQL. A line never changes: a
  /// database whose step has another checksum is refused. Edit what the step is made of back instead.
  private static let shipped = [
    "0001_accounts": ["8ca17a1c5e634ca4", "f8e4e5b5c0b509fd"],
    "0002_ads": ["8ddec157d22bff4c", "a9b626442c1c77a5"],
    "0003_deals": ["e5a27b90aea7b193", "74ac97702f97e268"],
    "0004_decisions": ["9875fef6bfe46e6", "f1e00c8d6f526731"],
    "0005_funnels": ["e687d7d2034b5240", "8fc79c339ba023c2"],
    "0006_jobs": ["ccd97f4d0357aaf0", "fdc3405241311279"],
    "0007_crm_settings": ["f8b320ec6031daa7", "aee774543efca4ca"],
    "0008_attribution": ["97b4b5f6de22c205", "6b44c3806198916b"],
    "0009_hubspot": ["11058bb655c361e8", "6ca88d1f2535754a"],
    "0010_accounts": ["5091721066c8061b", "3c8de7370b7a9cb1"],
    "0011_audit": ["559f966d25c10ac8", "f4307064b59abe77"],
    "0012_row_level_security": ["cbf29ce484222325", "8db91c9f7d008152"],
    "0013_job_counter_slots": ["80ddac8320fa3ffb", "6002e394e8373ac8"],
    "0014_account_quotas": ["db90eaa370fcf43e", "faa9cc5da4e8aa9e"],
    "0015_event_signers": ["9bd73df215110687", "f7f022ce11942f5"],
    "0016_account_pauses": ["c9285a288c2dc33c", "c9285a288c2dc33c"],
    "0017_account_incarnations": ["763e07ee4e4e325a", "d0b119eae6790fa1"],
    "0018_authors": ["2d0dc161dfc474ff", "1f12087546667513"],
    "0019_audit_chain": ["bcf7afcdf31d317e", "1ccc10726f4e1a2f"],
    "0020_ad_delivery": ["d784839b6999c7b9", "667e4116948c7dd1"],
    "0021_canonical_ids": ["1", "1"],
    "0022_no_orphan_jobs": ["c57e16c007fec52c", "c57e16c007fec52c"],
    "0023_time_indexes": ["72b7b5f8a335f4bd", "72b7b5f8a335f4bd"],
    "0024_retention": ["fc100d364e329d1f", "f36b275002a5af61"],
    "0025_configuration_document": ["e88319aeddeec311", "374db05ebe238034"],
    "0026_configuration_values": ["1", "1"],
    "0027_configuration_columns": ["7422d7b54aa8391f", "7422d7b54aa8391f"],
    "0028_named_quotas": ["3a9c9163cf005087", "4497c4e46b2abf12"],
    "0029_decision_snapshots": ["aa59098a0c49dd3", "a2b38eb12771391"],
    "0030_meta": ["5fd5fbb8576fd558", "4ff153c39315a6ad"],
    "0031_execution": ["11a8c5c2f11100c6", "d838da413d6ffc6d"],
    "0032_launches": ["4fef397515e778ba", "e6ace504797c5372"],
  ]

  @Test("Each step has a number of its own, and they leave none out")
  func numbers() {
    let numbers = allMigrations.map { Int($0.id.prefix(4)) ?? 0 }
    #expect(numbers.sorted() == Array(1...allMigrations.count))
  }

  @Test("Each has the text that it shipped with, on both databases")
  func unchanged() {
    for (id, checksums) in Self.shipped {
      let step = allMigrations.first { $0.id == id }
      #expect(Dialect.allCases.map { step?.checksum(for: $0) } == checksums, "\(id)")
    }
  }
}
