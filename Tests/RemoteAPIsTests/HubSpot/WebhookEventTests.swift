import FakeHubSpot
import Formats
import RemoteAPIs
import Sandbox
import TestKit
import Testing
import Values

/// What a webhook's body says.
struct WebhookEventTests {
  private static let stageChange = """
    [{"eventId":3816279340,"subscriptionId":25,"portalId":33,"appId":1160452,"occurredAt":1462216307945,
      "subscriptionType":"deal.propertyChange","attemptNumber":2,"objectId":1246965,
      "propertyName":"dealstage","propertyValue":"closedwon","changeSource":"CRM_UI","sourceId":"userId:864745280"}]
    """

  private static func parse(_ text: String) throws -> [HubSpotWebhookEvent] {
    try HubSpotWebhookEvent.parse(Array(text.utf8))
  }

  private static func event(_ type: String, _ more: String = "") throws -> HubSpotWebhookEvent {
    let fields = #""eventId":1,"portalId":33,"occurredAt":1462216307945,"subscriptionType":"\#(type)""#
    return try #require(try parse("[{\(fields)\(more)}]").first)
  }

  private static func error(_ text: String) -> HubSpotWebhookError? {
    #expect(throws: HubSpotWebhookError.self) { try parse(text) }
  }

  @Test("A change of a deal's stage, with all its fields")
  func stageChange() throws {
    let event = try #require(try Self.parse(Self.stageChange).first)
    #expect(event.eventID == 3_816_279_340)
    #expect(event.subscriptionID == 25)
    #expect(event.portalID == 33)
    #expect(event.appID == 1_160_452)
    #expect(event.occurredAt == Instant(microseconds: 1_462_216_307_945_000))
    #expect(event.subscriptionType == "deal.propertyChange")
    #expect(event.attemptNumber == 2)
    #expect(event.objectID == 1_246_965)
    #expect(event.propertyName == "dealstage")
    #expect(event.propertyValue == "closedwon")
    #expect(event.changeSource == "CRM_UI")
    #expect(event.sourceID == "userId:864745280")
    #expect(!event.isSensitive)
    #expect(event.kind == .dealPropertyChange)
    #expect(event.dealIDs == [1_246_965])
  }

  @Test(
    "Classic and generic events of deals mean the same",
    arguments: [
      ("propertyChange", HubSpotWebhookEvent.Kind.dealPropertyChange), ("creation", .dealCreation),
      ("deletion", .dealDeletion), ("restore", .dealRestore), ("merge", .dealMerge), ("newThing", .other),
    ])
  func kinds(_ what: String, _ kind: HubSpotWebhookEvent.Kind) throws {
    #expect(try Self.event("deal.\(what)", #","objectId":7"#).kind == kind)
    #expect(try Self.event("object.\(what)", #","objectId":7,"objectTypeId":"0-3""#).kind == kind)
    #expect(try Self.event("object.\(what)", #","objectId":7,"objectTypeId":"0-1""#).kind == .other)
    #expect(try Self.event("contact.\(what)", #","objectId":7"#).kind == .other)
    #expect(try Self.event("contact.\(what)", #","objectId":7"#).dealIDs.isEmpty)
  }

  @Test("A merge concerns every deal it names, each once")
  func merge() throws {
    let event = try Self.event(
      "deal.merge",
      #","objectId":7,"primaryObjectId":7,"mergedObjectIds":[8,9],"newObjectId":10,"numberOfPropertiesMoved":3"#)
    #expect(event.primaryObjectID == 7)
    #expect(event.mergedObjectIDs == [8, 9])
    #expect(event.newObjectID == 10)
    #expect(event.dealIDs == [10, 7, 8, 9])
  }

  @Test("An association concerns the deal at either end")
  func association() throws {
    let ends = #","fromObjectId":501,"toObjectId":7,"associationRemoved":true,"isPrimaryAssociation":false"#
    let event = try Self.event("contact.associationChange", #","associationType":"CONTACT_TO_DEAL""# + ends)
    #expect(event.kind == .contactAssociation)
    #expect(event.dealIDs == [7])
    #expect(event.associationRemoved == true)
    #expect(event.objectID == nil)
    let reverse = try Self.event("deal.associationChange", #","associationType":"DEAL_TO_CONTACT""# + ends)
    #expect(reverse.kind == .contactAssociation)
    #expect(reverse.dealIDs == [501])
    let generic = try Self.event("object.associationChange", #","associationType":"CONTACT_TO_DEAL""# + ends)
    #expect(generic.kind == .contactAssociation)
    #expect(try Self.event("deal.associationChange", #","associationType":"DEAL_TO_COMPANY""# + ends).kind == .other)
  }

  @Test("The type may be called eventType, unknown fields and types pass, ids may be strings")
  func lenient() throws {
    let event = try #require(
      try Self.parse(
        #"[{"eventId":"5","portalId":33,"occurredAt":0,"eventType":"conversation.newMessage","x":[{"y":null}]}]"#
      ).first)
    #expect(event.subscriptionType == "conversation.newMessage")
    #expect(event.eventID == 5)
    #expect(event.attemptNumber == 0)
    #expect(event.kind == .other)
    let sensitive = try Self.event(
      "object.propertyChange",
      #","objectId":7,"objectTypeId":"0-3","propertyName":"p","propertyValue":null,"isSensitive":true"#)
    #expect(sensitive.isSensitive)
    #expect(sensitive.propertyValue == nil)
  }

  @Test("An attempt more does not make another event, any other difference does")
  func deduplication() throws {
    let event = try #require(try Self.parse(Self.stageChange).first)
    var again = event
    again.attemptNumber = 9
    #expect(again.deduplicationKey == event.deduplicationKey)
    let changes: [(inout HubSpotWebhookEvent) -> Void] = [
      { $0.eventID += 1 }, { $0.portalID += 1 }, { $0.occurredAt = $0.occurredAt.adding(seconds: 1) },
      { $0.subscriptionType = "deal.creation" }, { $0.objectID = nil }, { $0.propertyName = "amount" },
      { $0.toObjectID = 3 },
    ]
    for change in changes {
      var other = event
      change(&other)
      #expect(other.deduplicationKey != event.deduplicationKey)
    }
  }

  @Test(
    "An error names the event, the field, the value and the rule",
    arguments: [
      (#""eventId":1.5"#, #""eventId":1"#, "eventId", "1.5"),
      (#""portalId":null"#, #""portalId":33"#, "portalId", "null"),
      (#""occurredAt":"yesterday""#, #""occurredAt":5"#, "occurredAt", #""yesterday""#),
      (#""occurredAt":-1"#, #""occurredAt":5"#, "occurredAt", "-1"),
      (#""occurredAt":253402300800000"#, #""occurredAt":5"#, "occurredAt", "253402300800000"),
      (#""subscriptionType":"deal|x""#, #""subscriptionType":"deal.x""#, "subscriptionType", #""deal|x""#),
      (#""propertyValue":5"#, #""propertyValue":"5""#, "propertyValue", "5"),
      (#""mergedObjectIds":[1,"x"]"#, #""mergedObjectIds":[]"#, "mergedObjectIds[1]", #""x""#),
      (#""isSensitive":"no""#, #""isSensitive":false"#, "isSensitive", #""no""#),
      (#""objectId":9223372036854775808"#, #""objectId":1"#, "objectId", "9223372036854775808"),
    ])
  func fields(_ wrong: String, _ right: String, _ field: String, _ value: String) throws {
    let good = """
      {"eventId":1,"portalId":33,"occurredAt":5,"subscriptionType":"deal.x","propertyValue":"5","mergedObjectIds":[],\
      "isSensitive":false,"objectId":1}
      """
    #expect(try Self.parse("[\(good),\(good)]").count == 2)
    let bad = good.replacing(right, with: wrong, maxReplacements: 1)
    guard case .invalidField(let index, let name, let given, let rule) = Self.error("[\(good),\(bad)]") else {
      Issue.record("no field is named")
      return
    }
    #expect(index == 1)
    #expect(name == field)
    #expect(given == value)
    #expect(rule.hasPrefix("must be"))
  }

  @Test("An event of a deal must say which")
  func missingDeal() {
    let text = #"[{"eventId":1,"portalId":33,"occurredAt":5,"subscriptionType":"deal.creation"}]"#
    guard case .invalidField(0, "objectId", "null", _) = Self.error(text) else {
      Issue.record("accepted")
      return
    }
  }

  @Test("A body is an array of 1 to 100 events, at most 1 MiB, not deeply nested")
  func bounds() throws {
    let event = #"{"eventId":1,"portalId":33,"occurredAt":5,"subscriptionType":"deal.x"}"#
    func batch(_ count: Int) -> String { "[\(Array(repeating: event, count: count).joined(separator: ","))]" }
    #expect(try Self.parse(batch(100)).count == 100)
    #expect(Self.error(batch(101)) == .notEvents("more"))
    #expect(Self.error("[]") == .notEvents("none"))
    #expect(Self.error(event) == .notEvents("one object"))
    #expect(Self.error("null") == .notEvents("one null"))
    guard case .invalidField(0, "", "5", "must be an object") = Self.error("[5]") else {
      Issue.record("a number is no event")
      return
    }
    let largest = batch(1) + String(repeating: " ", count: HubSpotWebhookEvent.largestBody - batch(1).utf8.count)
    #expect(try Self.parse(largest).count == 1)
    #expect(Self.error(largest + " ") == .tooLarge(bytes: HubSpotWebhookEvent.largestBody + 1))
    for text in ["", "[", batch(1) + "x", "[" + String(repeating: "[", count: 40), "\u{FEFF}"] {
      guard case .notJSON = Self.error(text) else {
        Issue.record("\(text) is not JSON")
        continue
      }
    }
  }

  @Test("What the fake HubSpot tells is read, whichever kind of subscription it has", arguments: [false, true])
  func fake(_ isGeneric: Bool) throws {
    let clock = ManualClock()
    let fake = FakeHubSpot(usesGenericEvents: isGeneric, clock: clock.now)
    fake.setDeal(7, ["dealstage": "contractsent", "amount": "12.00"], contacts: [501])
    fake.setDeal(8, [:])
    fake.setDeal(7, ["dealstage": "closedwon"], contacts: [])
    fake.deleteDeal(8)
    fake.restoreDeal(8)
    fake.mergeDeal(8, into: 7)
    let delivery = try #require(fake.nextDelivery(secret: "s", uri: "https://a.b/c"))
    let events = try HubSpotWebhookEvent.parse(delivery.body)
    #expect(
      events.map(\.kind) == [
        .dealCreation, .dealPropertyChange, .dealPropertyChange, .contactAssociation, .dealCreation,
        .dealPropertyChange, .contactAssociation, .dealDeletion, .dealRestore, .dealMerge,
      ])
    #expect(events.map { $0.dealIDs.first } == [7, 7, 7, 7, 8, 7, 7, 8, 8, 7])
    #expect(events.allSatisfy { $0.occurredAt == clock.now() })
    #expect(Set(events.map(\.deduplicationKey)).count == events.count)
  }

  @Test("Spoilt bodies are read or refused, and nothing worse", arguments: 0..<50)
  func mutations(_ seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    for _ in 0..<200 {
      var bytes = Array(Self.stageChange.utf8)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let index = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0...3, using: &random) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: index)
        case 2: bytes.insert(Array("\"{}[],:0-e.\\n".utf8).randomElement(using: &random) ?? 0, at: index)
        default: bytes.removeSubrange(index..<min(bytes.count, index + Int.random(in: 1...20, using: &random)))
        }
        if bytes.isEmpty { bytes = [0x5B] }
      }
      do {
        let events = try HubSpotWebhookEvent.parse(bytes)
        #expect((1...100).contains(events.count))
      } catch {
        #expect(!error.description.isEmpty)
      }
    }
  }
}
