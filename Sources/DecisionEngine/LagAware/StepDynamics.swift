import Values

/// What is known of one step of an account's funnel: how often it succeeds, how long that takes, and how often and how
/// late a failure is recorded.
///
/// A mixture of three kinds of deal: those that will go on (probability p, delay F), those that will be marked as lost
/// (probability (1 - p) m, delay G), and those that will be abandoned without a mark. Fitted by expectation
/// maximisation over the cohorts; waiting deals are weighted by what can still happen to them.
///
/// Source: O. Chapelle, "Modeling Delayed Feedback in Display Advertising", KDD 2014, with lognormal in place of
/// exponential delays and a second outcome.
struct StepDynamics {
  /// The probability of going on.
  private(set) var success: Double
  /// The share of the deals that do not go on that is marked as lost.
  private(set) var marked: Double
  /// How long it takes to go on.
  private(set) var advance: DelayModel
  /// How long it takes to be marked as lost.
  private(set) var loss: DelayModel
  /// Deals that went on or were lost.
  let endedDeals: Int
  let waitingDeals: Int

  /// The probability that a deal is still waiting, as a function of its probability p of success: `rest - p * gone`.
  struct Chance {
    let rest: Double
    let gone: Double
  }

  /// The deals of one age, in days.
  struct Cohort {
    let age: Double
    let waiting: Double
    let advanced: Double
    let lost: Double
  }

  /// Sums over stays that have ended.
  struct Stays {
    var count = 0.0
    var logs = 0.0
    var squares = 0.0

    init(_ tally: LogTally) {
      count = Double(tally.count)
      logs = Double(tally.logs) / 1e6
      squares = Double(tally.squares) / 1e6
    }

    mutating func add(_ weight: Double, _ beyond: (log: Double, square: Double)) {
      count += weight
      logs += weight * beyond.log
      squares += weight * beyond.square
    }

    func model(_ prior: FieldPrior) -> DelayModel {
      let weight = prior.delayWeight
      let mean = (weight * prior.delay.mean + logs) / (weight + count)
      let variance = prior.delay.deviation * prior.delay.deviation
      let shift = prior.delay.mean - mean
      let squares = squares - 2 * mean * logs + count * mean * mean
      return DelayModel(
        mean: mean,
        deviation: max(((weight * (variance + shift * shift) + squares) / (weight + count)).squareRoot(), 0.1))
    }
  }

  init(
    _ cohorts: [Cohort], advances: LogTally, losses: LogTally, stepOdds: FieldPrior.Normal, prior: FieldPrior
  ) {
    success = PortableMath.sigmoid(stepOdds.mean)
    marked = prior.markedShare
    let (ended, failed) = (Stays(advances), Stays(losses))
    advance = ended.model(prior)
    loss = failed.model(prior)
    endedDeals = Int(clamping: cohorts.reduce(0) { $0 + $1.advanced + $1.lost })
    waitingDeals = Int(clamping: cohorts.reduce(0) { $0 + $1.waiting })
    let (priorSuccess, priorWeight) = (success, 2.0)
    let advanced = cohorts.reduce(0) { $0 + $1.advanced }
    let lost = cohorts.reduce(0) { $0 + $1.lost }
    for _ in 0..<12 {
      var (ending, failing) = (ended, failed)
      var (willAdvance, willBeMarked, willLie) = (0.0, 0.0, 0.0)
      for cohort in cohorts where cohort.waiting > 0 {
        let going = success * (1 - advance.share(within: cohort.age))
        let failingLater = (1 - success) * marked * (1 - loss.share(within: cohort.age))
        let lying = (1 - success) * (1 - marked)
        let whole = max(going + failingLater + lying, 1e-300)
        let (a, b) = (cohort.waiting * going / whole, cohort.waiting * failingLater / whole)
        willAdvance += a
        willBeMarked += b
        willLie += cohort.waiting - a - b
        if a > 1e-6 { ending.add(a, advance.beyond(cohort.age)) }
        if b > 1e-6 { failing.add(b, loss.beyond(cohort.age)) }
      }
      let (good, bad) = (advanced + willAdvance, lost + willBeMarked + willLie)
      success = (priorWeight * priorSuccess + good) / (priorWeight + good + bad)
      marked =
        (prior.markedWeight * prior.markedShare + lost + willBeMarked) / (prior.markedWeight + bad)
      advance = ending.model(prior)
      loss = failing.model(prior)
    }
  }

  /// The probability that a deal with probability p of success is still waiting at `age` is `rest - p * gone`.
  func waiting(at age: Double) -> Chance {
    let failed = marked * loss.share(within: age)
    return Chance(rest: 1 - failed, gone: advance.share(within: age) - failed)
  }
}
