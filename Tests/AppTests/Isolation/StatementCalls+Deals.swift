import RemoteAPIs
import Storage
import Values

@testable import Measurement
@testable import Platforms

extension StatementCalls {
  mutating func addDeals() {
    let deals = DealRepository()
    let move = DealUpdate.Move(stage: "lead", occurredAt: Instant(seconds: 1_700_000_000))
    within("DealRepository.known(_:of:in:)") { c, t in try deals.known(c.named.deal, of: c.caller.account, in: t) }
    within("DealRepository.save(_:of:in:)") { c, t in
      let deal = Deal(
        id: c.named.deal, adID: c.named.ad, stage: "lead", amount: nil, stageEnteredAt: c.now, source: "test")
      try deals.save(deal, of: c.caller.account, in: t)
    }
    within("DealRepository.insert(_:of:source:account:in:)") { c, t in
      try deals.save(
        Deal(id: c.named.deal, adID: nil, stage: "lead", amount: nil, stageEnteredAt: c.now, source: "test"),
        of: c.caller.account, in: t)
      try deals.insert([move], of: c.named.deal, source: "test", account: c.caller.account, in: t)
    }
    within("DealRepository.delete(_:of:account:in:)") { c, t in
      let moves = try deals.known(c.named.deal, of: c.named.account, in: t).moves
      try deals.delete(Set(moves), of: c.named.deal, account: c.caller.account, in: t)
    }
    within("DealRepository.bringBack(movesOf:to:account:in:)") { c, t in
      try deals.bringBack(
        movesOf: c.named.deal, to: Instant(seconds: 1_600_000_000), account: c.caller.account, in: t)
    }
    within("DealRepository.delete(_:of:in:)") { c, t in
      try deals.delete(c.named.deal, of: c.caller.account, in: t)
    }
    within("DealRepository.hasDeals(_:in:)") { c, t in try deals.hasDeals(c.caller.account, in: t) }
    within("DealRepository.stages(of:in:)") { c, t in try deals.stages(of: c.caller.account, in: t) }
    within("DealRepository.forEachAttributed(of:in:_:)") { c, t in
      var found: [String] = []
      try deals.forEachAttributed(of: c.caller.account, in: t) { found.append("\(($0, $1, $2))") }
      return found.sorted()
    }
    within("DealRepository.forEach(of:account:in:_:)") { c, t in
      var found: [String] = []
      try deals.forEach(of: [c.named.ad], account: c.caller.account, in: t) { found.append("\(($0, $1, $2))") }
      return found.sorted()
    }
    within("DealRepository.forEachEntry(of:in:_:)") { c, t in
      var found: [String] = []
      try deals.forEachEntry(of: c.caller.account, in: t) { found.append("\(($0, $1, $2, $3))") }
      return found.sorted()
    }
    within("DealRepository.forEachMove(of:until:in:_:)") { c, t in
      var found: [DealRepository.KnownMove] = []
      try deals.forEachMove(of: c.caller.account, until: c.now.adding(seconds: 86_400), in: t) { found.append($0) }
      return found
    }
    within("DealRepository.lastEntry(of:until:in:)") { c, t in
      try deals.lastEntry(of: c.caller.account, until: c.now.adding(seconds: 86_400), in: t)
    }
    within("DealRepository.lastMove(of:before:in:)") { c, t in
      try deals.lastMove(of: c.caller.account, before: c.now.adding(seconds: 86_400), in: t)
    }
    addAttributions()
  }

  private mutating func addAttributions() {
    let attributions = AttributionRepository()
    within("AttributionRepository.insert(_:of:in:)") { c, t in
      let click = Click(id: c.named.click + "new", adID: c.named.ad, clickedAt: c.now)
      return try attributions.insert(click, of: c.caller.account, in: t)
    }
    within("AttributionRepository.click(_:of:in:)") { c, t in
      try attributions.click(c.named.click, of: c.caller.account, in: t)
    }
    within("AttributionRepository.save(_:of:in:)") { c, t in
      var evidence = AttributionEvidence()
      evidence.reported.add(clickID: c.named.click)
      let attribution = Attribution(adID: c.named.ad, method: .click, reason: "test")
      try attributions.save(
        AttributionRepository.Stored(dealID: c.named.deal, attribution: attribution, evidence: evidence, at: c.now),
        of: c.caller.account, in: t)
    }
    within("AttributionRepository.delete(_:of:in:)") { c, t in
      try attributions.delete(c.named.deal, of: c.caller.account, in: t)
    }
    within("AttributionRepository.deals(carrying:of:in:)") { c, t in
      try attributions.deals(carrying: c.named.click, of: c.caller.account, in: t)
    }
    within("AttributionRepository.list(of:credited:limit:in:)") { c, t in
      try attributions.list(of: c.caller.account, credited: nil, limit: 10, in: t)
    }
  }

  mutating func addHubSpot() {
    let events = HubSpotEventRepository()
    forAll(
      "HubSpotEventRepository.account(ofPortal:in:)", "HubSpotEventRepository.insertion(in:)",
      "HubSpotEventRepository.values(_:account:state:at:)",
      because: "the intake takes events of every portal, and finds out here whose they are")
    forAll("HubSpotEventRepository.onlyAccount(in:)", because: "a token of no account serves an account that is alone")
    forAll("HubSpotEventRepository.unmappedPortals(in:)", because: "events without an account are no account's")
    within("HubSpotEventRepository.takeQueued(_:of:in:)") { c, t in
      try events.takeQueued(c.named.deal, of: c.caller.account, in: t)
    }
    within("HubSpotEventRepository.ignore(_:of:in:)") { c, t in
      try events.ignore([c.named.event], of: c.caller.account, in: t)
    }
    within("HubSpotEventRepository.dealsToDo(of:in:)") { c, t in try events.dealsToDo(of: c.caller.account, in: t) }
    within("HubSpotEventRepository.map(portal:to:at:in:)", tells: "a portal has one account") { c, t in
      try events.map(portal: c.named.portal, to: c.caller.account, at: c.now, in: t)
    }
    within("HubSpotEventRepository.portals(of:in:)") { c, t in try events.portals(of: c.caller.account, in: t) }
    within("HubSpotEventRepository.count(_:ofPortal:account:at:in:)") { c, t in
      try events.count(
        HubSpotReconciliation(dealsChecked: 1), ofPortal: c.named.portal, account: c.caller.account, at: c.now, in: t)
    }
    within("HubSpotEventRepository.counts(of:in:)") { c, t in
      try events.counts(of: c.caller.account, in: t).map { "\($0.key) \($0.value)" }.sorted()
    }
    within("HubSpotEventRepository.prune(of:before:limit:in:)") { c, t in
      try t.execute("UPDATE hubspot_events SET state = 'applied' WHERE account_id = \(c.caller.account)")
      return try events.prune(of: c.caller.account, before: c.now.adding(seconds: 1), limit: 10, in: t)
    }
    addWaitingEvents()
    addFacts()
  }

  private mutating func addWaitingEvents() {
    let waiting = HubSpotWaitingRepository()
    forAll(
      "HubSpotWaitingRepository.count(ofPortal:limit:in:)", "HubSpotWaitingRepository.discard(ofPortal:in:)",
      "HubSpotWaitingRepository.prune(before:limit:in:)", "HubSpotWaitingRepository.isClosed(_:in:)",
      "HubSpotWaitingRepository.setClosed(_:_:in:)", "HubSpotWaitingRepository.refuse(_:count:at:in:)",
      "HubSpotWaitingRepository.pruneRefusals(before:limit:in:)",
      because: "portals that nobody has mapped, their events and the events that were not kept are no account's")
    within("HubSpotWaitingRepository.discardForeign(ofPortal:to:in:)") { c, t in
      try t.execute(
        "UPDATE hubspot_events SET state = 'parked', account_id = NULL WHERE account_id = \(c.caller.account)")
      return try waiting.discardForeign(ofPortal: c.named.portal, to: c.caller.account, in: t)
    }
    within("HubSpotWaitingRepository.refusals(of:in:)") { c, t in
      let event = RefusedHubSpotEvent(portalID: c.named.portal, reason: .text, detail: "test")
      try waiting.refuse(event, at: c.now, in: t)
      return try waiting.refusals(of: c.caller.account, in: t)
    }
  }

  private mutating func addFacts() {
    let facts = HubSpotFactRepository()
    within("HubSpotFactRepository.add(_:of:account:in:)") { c, t in
      try facts.add([HubSpotFact("amount", "9", at: c.now)], of: c.named.deal, account: c.caller.account, in: t)
    }
    within("HubSpotFactRepository.known(_:of:in:)") { c, t in
      let known = try facts.known(c.named.deal, of: c.caller.account, in: t)
      return "\(known.facts.map { "\($0)" }.sorted()) \(String(describing: known.worked))"
    }
    within("HubSpotFactRepository.worked(_:of:in:)") { c, t in
      try facts.worked(c.named.deal, of: c.caller.account, in: t)
    }
    within("HubSpotFactRepository.save(_:dealID:of:at:in:)") { c, t in
      let worked = HubSpotFactRepository.Worked(
        portalID: c.named.portal, problem: nil, modifiedAt: c.now, configurationVersion: 3)
      try facts.save(worked, dealID: c.named.deal, of: c.caller.account, at: c.now, in: t)
    }
    within("HubSpotFactRepository.held(of:limit:in:)") { c, t in
      try facts.held(of: c.caller.account, limit: 10, in: t)
    }
    within("HubSpotFactRepository.outdated(version:of:limit:in:)") { c, t in
      try facts.outdated(version: 2, of: c.caller.account, limit: 10, in: t)
    }
  }
}
