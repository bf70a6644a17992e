/// Makes lines of the `policy` command's protocol: days of a few ads, of which some are broken.
struct PolicyLineMaker {
  /// The file of stages.
  let stages: [UInt8]
  private let names: [String]
  private let ads: [String]

  init(_ random: inout FuzzRandom) {
    let count = random.int(2...4)
    names = (0..<count).map { "stage\($0)" }
    ads = (0..<random.int(1...5)).map { "ad\($0)" }
    var list: [FuzzJSON] = []
    for (index, name) in names.enumerated() {
      let value = random.chance(1, in: 12) ? random.hostileNumber() : "\(index * 1_000)"
      list.append(.object([("name", .string(name)), ("value", .raw(value))]))
    }
    let whole = FuzzJSON.array(list)
    stages = random.chance(1, in: 40) ? random.hostileValue().bytes : whole.bytes
  }

  /// The line of day number `day`.
  func line(_ day: Int, _ random: inout FuzzRandom) -> FuzzJSON {
    let budget = random.chance(1, in: 15) ? random.hostileNumber() : random.pick(["600", "100.5", "10", "1000000000"])
    var line = FuzzJSON.object([
      ("now", .string(random.chance(1, in: 25) ? random.pick(HostileValues.moments) : moment(day + 1))),
      ("total_budget", .raw(budget)),
      ("ads", .array(ads.map { listing($0, &random) })),
      ("metrics", .array((0..<random.int(0...8)).map { _ in metrics(day, &random) })),
      ("deals", .array((0..<random.int(0...8)).map { _ in deal(day, &random) })),
    ])
    if random.chance(1, in: 10) {
      let (place, other) = (random.int(0...(line.count - 1)), random.hostileValue())
      line = line.changing(place) { _ in other }
    }
    return line
  }

  private func listing(_ ad: String, _ random: inout FuzzRandom) -> FuzzJSON {
    .object([
      ("ad_id", .string(random.chance(1, in: 60) ? random.hostileText() : ad)),
      ("launched_at", random.chance(1, in: 3) ? .raw("null") : .string(moment(0))),
      ("active", .raw(random.chance(1, in: 6) ? "false" : "true")),
    ])
  }

  private func metrics(_ day: Int, _ random: inout FuzzRandom) -> FuzzJSON {
    let impressions = random.pick([0, 1, 100, 3_400, 1_000_000, 1_000_000_000_000])
    let clicks = random.pick([0, impressions, impressions / 50])
    let spend =
      random.chance(1, in: 8) ? random.hostileNumber() : random.pick(["0", "75.0", "0.01", "1000000000", "1e-9"])
    return .object([
      ("ad_id", .string(random.pick(ads))), ("date", .string(String(moment(random.int(0...(day + 1))).prefix(10)))),
      ("spend", .raw(spend)), ("impressions", .raw("\(impressions)")),
      ("clicks", .raw(random.chance(1, in: 20) ? random.hostileNumber() : "\(clicks)")),
      ("leads", .raw(random.pick(["null", "0", "2", "1000000000000"]))),
    ])
  }

  private func deal(_ day: Int, _ random: inout FuzzRandom) -> FuzzJSON {
    let amount = random.chance(1, in: 8) ? random.hostileNumber() : random.pick(["null", "0", "4000.5", "1000000000"])
    let at = random.chance(1, in: 12) ? random.pick(HostileValues.moments) : moment(random.int(0...day))
    return .object([
      ("deal_id", .string("d\(random.int(0...5))")),
      ("ad_id", random.chance(1, in: 8) ? .raw("null") : .string(random.pick(ads))),
      ("stage", .string(random.pick(names + ["lost", "lost"]))), ("occurred_at", .string(at)), ("amount", .raw(amount)),
    ])
  }

  private func moment(_ day: Int) -> String {
    "2026-01-\(day < 9 ? "0" : "")\(day + 1)T00:00:00Z"
  }
}
