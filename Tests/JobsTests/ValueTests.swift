import Foundation
import TestKit
import Testing
import Values

@testable import Jobs

@Suite("The values of jobs")
struct ValueTests {
  @Test("the ceiling doubles from one second up to fifteen minutes")
  func ceilings() {
    let seconds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    for (index, second) in seconds.enumerated() {
      #expect(RetryPolicy.standard.ceiling(afterAttempt: index + 1, failureClass: "any") == .seconds(second))
    }
    #expect(RetryPolicy.standard.ceiling(afterAttempt: .max, failureClass: "any") == .seconds(900))
  }

  @Test("a class of failures can have a first ceiling of its own, which doubles as well")
  func ceilingsOfClass() {
    let policy = RetryPolicy(base: .seconds(1), cap: .seconds(60), baseByClass: ["rate_limited": .seconds(10)])
    let seconds = (1...5).map { policy.ceiling(afterAttempt: $0, failureClass: "rate_limited") }
    #expect(seconds == [.seconds(10), .seconds(20), .seconds(40), .seconds(60), .seconds(60)])
    #expect(policy.ceiling(afterAttempt: 1, failureClass: "other") == .seconds(1))
  }

  @Test("a wait lies between zero and its ceiling, and no ceiling is above the cap", arguments: 1...40)
  func jitter(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let policy = RetryPolicy(
      base: .milliseconds(random.int(in: 0...5_000)), cap: .seconds(random.int(in: 1...900)),
      baseByClass: ["rate_limited": .seconds(10)])
    for attempt in 1...70 {
      for failureClass in ["rate_limited", "other"] {
        let ceiling = policy.ceiling(afterAttempt: attempt, failureClass: failureClass)
        #expect(ceiling <= policy.cap)
        let delay = policy.delay(afterAttempt: attempt, failureClass: failureClass, using: &random)
        #expect((.zero...ceiling).contains(delay))
      }
    }
  }

  @Test("waits use the whole of their range")
  func spread() {
    var random = SeededRandom(seed: 11)
    let delays = (1...2_000).map { _ in
      RetryPolicy.standard.delay(afterAttempt: 1, failureClass: "any", using: &random)
    }
    let mean = delays.reduce(.zero, +) / delays.count
    #expect((.milliseconds(470)...(.milliseconds(530))).contains(mean))
    #expect(delays.contains { $0 < .milliseconds(10) } && delays.contains { $0 > .milliseconds(990) })
  }

  @Test("ended jobs move only to be retried, and every state is reached and left as the picture has it")
  func states() {
    let moves = JobState.allCases.flatMap { from in JobState.allCases.filter { from.canMove(to: $0) }.map { (from, $0) }
    }
    #expect(moves.count == 12)
    #expect(JobState.allCases.allSatisfy { !$0.canMove(to: $0) })
    #expect(JobState.allCases.allSatisfy { !JobState.completed.canMove(to: $0) })
    #expect(moves.filter { $0.1 == .running }.map(\.0) == [.available])
    #expect(moves.filter { $0.0.isFinal }.allSatisfy { $0.1 == .available })
  }

  @Test(
    "turns are fair: among accounts that always wait, none is ever served more than one job ahead", arguments: 1...30)
  func turns(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var floor: Int64 = 0
    var last: [Int: Int64] = [:]
    var waiting: [(turn: Int64, account: Int)] = []
    for account in 0..<4 {
      for _ in 0..<random.int(in: 60...400) {
        let turn = FairTurn.next(after: last[account], floor: floor)
        last[account] = turn
        waiting.append((turn, account))
      }
    }
    waiting.sort { $0 < $1 }
    var served = [0, 0, 0, 0]
    for _ in 0..<200 {
      let next = waiting.removeFirst()
      floor = FairTurn.floor(floor, afterClaimOf: next.turn)
      served[next.account] += 1
      #expect((served.max() ?? 0) - (served.min() ?? 0) <= 1)
    }
    let late = FairTurn.next(after: nil, floor: floor)
    #expect(waiting.filter { $0.turn < late }.count <= 4, "who comes late stands among the first")
  }

  @Test("a transition is always a move that there is", arguments: 1...50)
  func landings(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let now = Instant(seconds: 1_780_000_000)
    let failure = JobFailure(class: "a", reason: "b", text: "c")
    let endings: [Settlement.Ending] = [
      .completed(nil), .retry(at: now, failure), .dead(failure), .pauseAccount(until: now, failure), .release,
      .cancelled,
    ]
    let facts = JobTransition.Facts(
      attempt: random.int(in: 1...3), maximumAttempts: 3, isCancelRequested: random.int(in: 0...1) == 1,
      hasTwin: random.int(in: 0...1) == 1)
    for transition in endings.map({ JobTransition($0, facts) }) + [JobTransition(expired: facts)] {
      #expect(JobState.running.canMove(to: transition.state))
      #expect((0...3).contains(transition.attempt))
      if facts.isCancelRequested { #expect(!transition.state.isWaiting) }
      if facts.hasTwin { #expect(!transition.state.isWaiting) }
    }
  }

  @Test("ids are UUIDs of version 7 that sort by time, also within a microsecond and when the clock goes back")
  func ids() throws {
    let maker = JobIDMaker(SeededRandom(seed: 1))
    let now = Instant(seconds: 1_780_000_000)
    var ids: [JobID] = []
    for step in 0..<500 { ids.append(maker.next(at: Instant(microseconds: now.microseconds + Int64(step / 3)))) }
    ids.append(maker.next(at: now.adding(seconds: -60)))
    #expect(ids == ids.sorted())
    #expect(Set(ids).count == ids.count)
    for id in ids {
      #expect(UUID(uuidString: id.value) != nil)
      #expect(Array(id.value)[14] == "7" && "89ab".contains(Array(id.value)[19]))
      #expect(JobID(id.value) == id)
    }
    #expect(ids[0].value.hasPrefix("019e"), "milliseconds since 1970 in front")
    for text in [
      "", "019E0000-0000-7000-8000-000000000000", "019e0000000070008000000000000000",
      "zzze0000-0000-7000-8000-000000000000",
    ] {
      #expect(JobID(text) == nil)
    }
  }

  @Test("the last tick up to a moment is the one that counting finds", arguments: 1...40)
  func lastTick(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let timings: [Schedule] = [
      .every(seconds: Int64(random.int(in: 1...5_000))), .cron(try CronExpression("*/7 */3 * * *")),
      .cron(try CronExpression("0 2 * * mon")),
    ]
    for timing in timings {
      let start = Instant(seconds: Int64(random.int(in: 0...2_000_000_000)))
      let first = try #require(timing.next(after: start))
      let end = first.adding(seconds: Int64(random.int(in: 0...2_000_000)))
      var counted = first
      while let next = timing.next(after: counted), next <= end { counted = next }
      #expect(timing.last(from: first, upTo: end) == counted, "\(timing)")
    }
  }

  @Test("text is cut between characters")
  func cut() {
    #expect("abc".cut(toBytes: 3) == "abc")
    #expect("abä".cut(toBytes: 3) == "ab")
    #expect("👩‍👩‍👧".cut(toBytes: 5) == "")
    #expect(JobReport(String(repeating: "x", count: 9_999)).text.utf8.count == JobLimits.reportBytes)
  }

  @Test("ids and moments are read and written as they are, and wrong ones refused")
  func coding() throws {
    let job = SampleJob(3, key: "k")
    let read = try JSONDecoder().decode(SampleJob.self, from: JSONEncoder().encode(job))
    #expect((read.accountID, read.number, read.uniqueKey) == (job.accountID, 3, "k"))
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(AccountID.self, from: Data("\"-\"".utf8)) }
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(AdID.self, from: Data("\"\"".utf8)) }
    let moment = Instant(microseconds: 1_234_567)
    #expect(try JSONDecoder().decode([Instant].self, from: JSONEncoder().encode([moment])) == [moment])
  }

  @Test("durations and moments far away do not overflow")
  func farAway() {
    #expect(Instant(microseconds: .max).adding(.seconds(1)) == Instant(microseconds: .max))
    #expect(Instant(microseconds: 0).adding(.seconds(Int64.max)).microseconds == 3_155_760_000_000_000)
  }
}
