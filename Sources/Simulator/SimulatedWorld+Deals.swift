import DecisionEngine
import Values

extension SimulatedWorld {
  /// All future events of an ad's deal with this number, oldest first.
  ///
  /// They are drawn from a stream of their own, so that they do not depend on what a policy does elsewhere.
  package func events(ofDeal number: Int, by ad: SimulatedAd, createdAt: Instant) -> [DealEvent] {
    let id = "\(ad.adID)-\(number)"
    var stream = RandomStream(seed: seed, name: id)
    let adID = stream.nextUniform() < parameters.unattributed ? nil : ad.adID
    var moment = createdAt
    var events = [DealEvent(dealID: id, adID: adID, move: .entered(0), occurredAt: moment, amount: nil)]
    for step in parameters.stageRates.indices {
      let advances = stream.nextUniform() < ad.stageRates[step]
      let stay = stay(inStage: step, of: ad, &stream)
      guard advances else {
        if parameters.marksLosses {
          moment = moment.adding(days: stay * parameters.lossDelayFactor)
          events.append(DealEvent(dealID: id, adID: adID, move: .lost, occurredAt: moment, amount: nil))
        }
        break
      }
      moment = moment.adding(days: stay)
      let amount = step == parameters.stageRates.count - 1 ? amount(of: ad, &stream) : nil
      events.append(DealEvent(dealID: id, adID: adID, move: .entered(step + 1), occurredAt: moment, amount: amount))
    }
    return events
  }

  /// Days in a stage before the next.
  private func stay(inStage step: Int, of ad: SimulatedAd, _ stream: inout RandomStream) -> Double {
    let deviation = PortableMath.exp(parameters.delayDeviation * stream.nextNormal())
    return parameters.delayMedians[step] * ad.delayFactor * deviation
  }

  /// What a sale brings, in major units to the cent.
  private func amount(of ad: SimulatedAd, _ stream: inout RandomStream) -> Double {
    let deviation = parameters.dealDeviation
    let factor = PortableMath.exp(deviation * stream.nextNormal() - deviation * deviation / 2)
    return (ad.dealMean * factor * Self.minorUnits).rounded() / Self.minorUnits
  }
}

extension Instant {
  /// The moment `days` later, in whole seconds.
  fileprivate func adding(days: Double) -> Instant {
    adding(seconds: Int64(clamping: days * 86_400))
  }
}
