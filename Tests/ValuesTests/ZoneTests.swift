import Testing
import Values

@Suite("Zone")
struct ZoneTests {
  @Test(
    "The first moment at which clocks show a time: before a change back, and at a change that leaves the time out",
    arguments: [
      ("UTC", "2026-03-29 02:30", "2026-03-29T02:30:00Z"),
      // Clocks go from 02:00 to 03:00.
      ("Europe/Berlin", "2026-03-29 01:59:59", "2026-03-29T00:59:59Z"),
      ("Europe/Berlin", "2026-03-29 02:00", "2026-03-29T01:00:00Z"),
      ("Europe/Berlin", "2026-03-29 02:59:59", "2026-03-29T01:00:00Z"),
      ("Europe/Berlin", "2026-03-29 03:00", "2026-03-29T01:00:00Z"),
      // Clocks go from 03:00 back to 02:00.
      ("Europe/Berlin", "2026-10-25 01:59:59", "2026-10-24T23:59:59Z"),
      ("Europe/Berlin", "2026-10-25 02:00", "2026-10-25T00:00:00Z"),
      ("Europe/Berlin", "2026-10-25 02:59:59", "2026-10-25T00:59:59Z"),
      ("Europe/Berlin", "2026-10-25 03:00", "2026-10-25T02:00:00Z"),
      ("America/New_York", "2026-03-08 02:30", "2026-03-08T07:00:00Z"),
      ("America/New_York", "2026-11-01 01:30", "2026-11-01T05:30:00Z"),
      // Half an hour.
      ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:30:00Z"),
      ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04T14:45:00Z"),
      // Midnight is left out.
      ("America/Santiago", "2026-09-06 00:00", "2026-09-06T04:00:00Z"),
      // A whole day is left out.
      ("Pacific/Apia", "2011-12-29 23:59:59", "2011-12-30T09:59:59Z"),
      ("Pacific/Apia", "2011-12-30 00:00", "2011-12-30T10:00:00Z"),
      ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30T10:00:00Z"),
      ("Pacific/Apia", "2011-12-31 00:00", "2011-12-30T10:00:00Z"),
      ("Pacific/Kiritimati", "2026-06-01 12:00", "2026-05-31T22:00:00Z"),
      ("Asia/Kathmandu", "2026-06-01 12:00", "2026-06-01T06:15:00Z"),
    ])
  func firstMoment(zone: String, local: String, expected: String) throws {
    let zone = try #require(Zone(zone))
    #expect(zone.firstMoment(ofLocal: try #require(Instant(localTime: local))).description == expected)
  }

  @Test("In every hour of two years the first moment of what clocks show is that moment, or one an hour before it")
  func consistent() throws {
    for name in ["Europe/Berlin", "America/Sao_Paulo", "America/St_Johns", "Africa/Casablanca", "Asia/Tehran"] {
      let zone = try #require(Zone(name))
      for hour in stride(from: Int64(1_767_225_600), to: 1_830_297_600, by: 3_600) {
        let moment = Instant(seconds: hour)
        let found = zone.firstMoment(ofLocal: moment.adding(seconds: zone.offset(at: moment)))
        #expect(found == moment || zone.offset(at: found) == zone.offset(at: moment) + 3_600, "\(name) \(moment)")
      }
    }
  }

  @Test("Zones are the same by name")
  func names() throws {
    #expect(Zone("UTC") == .utc)
    #expect(Zone("Europe/Berlin") != Zone("Europe/Paris"))
    #expect(Zone("Europe/Atlantis") == nil)
    #expect(try #require(Zone("Europe/Berlin")).description == "Europe/Berlin")
  }
}
