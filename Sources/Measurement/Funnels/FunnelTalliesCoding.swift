import DecisionEngine
import Formats
import Storage
import Values

/// An account's counts as JSON, the input of a stored decision. All values are numbers, because there are many.
package enum FunnelTalliesCoding {
  /// Writes an object: the funnel, the delays, and by ad its days `[day, spend, impressions, clicks, leads]`, its
  /// steps' cohorts `[day, waiting, advanced, lost]` and its amounts `[count, logs, squares]`.
  package static func write(_ tallies: FunnelTallies, to json: inout JSONWriter) {
    json.object { json in
      json.key("stages")
      json.array { json in
        for stage in tallies.funnel.stages {
          json.object { json in
            json.member("name", stage.name)
            json.member("value", stage.value)
          }
        }
      }
      json.key("advances")
      json.array { json in for tally in tallies.advances { write([tally.count, tally.logs, tally.squares], &json) } }
      json.key("losses")
      json.array { json in for tally in tallies.losses { write([tally.count, tally.logs, tally.squares], &json) } }
      json.key("unattributed")
      write(tallies.unattributed, to: &json)
      json.key("ads")
      json.object { json in
        for (adID, tally) in tallies.ads.sorted(by: { $0.key < $1.key }) {
          json.key(adID.value)
          write(tally, to: &json)
        }
      }
    }
  }

  private static func write(_ tally: AdTally, to json: inout JSONWriter) {
    json.object { json in
      json.key("days")
      json.array { json in
        for day in tally.days {
          json.array { json in
            json.value(day.day)
            json.value(day.spend)
            json.value(day.impressions)
            json.value(day.clicks)
            if let leads = day.leads { json.value(leads) } else { json.null() }
          }
        }
      }
      json.key("steps")
      json.array { json in
        for step in tally.steps {
          json.array { json in
            for cohort in step.cohorts { write([cohort.day, cohort.waiting, cohort.advanced, cohort.lost], &json) }
          }
        }
      }
      json.key("amounts")
      write([tally.amounts.count, tally.amounts.logs, tally.amounts.squares], &json)
    }
  }

  private static func write(_ numbers: [Int], _ json: inout JSONWriter) {
    json.array { json in for number in numbers { json.value(number) } }
  }

  /// Reads what ``write(_:to:)`` wrote. Throws where it is something else.
  package static func read(_ json: JSONValue) throws -> FunnelTallies {
    let stages = try (json["stages"]?.arrayValue ?? []).map { stage in
      SalesFunnel.Stage(
        name: try required(stage["name"]?.stringValue), value: try required(stage["value"]?.doubleValue))
    }
    var tallies = FunnelTallies(funnel: try required(SalesFunnel(stages)))
    tallies.advances = try delays(json["advances"], tallies.funnel)
    tallies.losses = try delays(json["losses"], tallies.funnel)
    tallies.unattributed = try tally(try required(json["unattributed"]), nil, tallies.funnel)
    guard case .object(let ads)? = json["ads"] else { throw unreadable }
    for member in ads.members {
      let adID = try required(AdID(stored: member.key))
      tallies.ads[adID] = try tally(member.value, adID, tallies.funnel)
    }
    return tallies
  }

  private static func tally(_ json: JSONValue, _ adID: AdID?, _ funnel: SalesFunnel) throws -> AdTally {
    var tally = AdTally(stepCount: funnel.stepCount)
    for day in json["days"]?.arrayValue ?? [] {
      let cells = try required(day.arrayValue)
      guard cells.count == 5 else { throw unreadable }
      tally.take(
        AdDay(
          adID: try required(adID), day: CalendarDay(daysSinceEpoch: try integer(cells[0])),
          spend: try required(cells[1].doubleValue), impressions: try integer(cells[2]), clicks: try integer(cells[3]),
          leads: cells[4].kind == .null ? nil : try integer(cells[4])))
    }
    let steps = try required(json["steps"]?.arrayValue)
    guard steps.count == funnel.stepCount else { throw unreadable }
    for (step, cohorts) in steps.enumerated() {
      for cohort in try required(cohorts.arrayValue) {
        let numbers = try integers(cohort, count: 4)
        tally.steps[step].add(numbers[1], on: numbers[0], \.waiting)
        tally.steps[step].add(numbers[2], on: numbers[0], \.advanced)
        tally.steps[step].add(numbers[3], on: numbers[0], \.lost)
      }
    }
    let amounts = try integers(try required(json["amounts"]), count: 3)
    tally.amounts = LogTally(count: amounts[0], logs: amounts[1], squares: amounts[2])
    return tally
  }

  private static func delays(_ json: JSONValue?, _ funnel: SalesFunnel) throws -> [LogTally] {
    let delays = try required(json?.arrayValue).map { delay in
      let numbers = try integers(delay, count: 3)
      return LogTally(count: numbers[0], logs: numbers[1], squares: numbers[2])
    }
    guard delays.count == funnel.stepCount else { throw unreadable }
    return delays
  }

  private static func integers(_ json: JSONValue, count: Int) throws -> [Int] {
    let numbers = try required(json.arrayValue).map(integer)
    guard numbers.count == count else { throw unreadable }
    return numbers
  }

  private static func integer(_ json: JSONValue) throws -> Int {
    try required(json.doubleValue.flatMap(Int.init(exactly:)))
  }

  private static func required<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw unreadable }
    return value
  }

  private static var unreadable: DatabaseError { .unreadableColumn("inputs") }
}
