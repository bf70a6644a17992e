import FakeHubSpot
import Formats
import RemoteAPIs
import Sandbox
import TestKit
import Testing
import Values

/// Every call of the client, over the network against the fake HubSpot.
struct ClientRecordTests {
  private let bench = ClientBench()

  @Test("A deal comes with its properties, the past of one of them, and its contacts")
  func deal() async throws {
    let fake = bench.fake
    let start = bench.clock.now()
    fake.setDeal(1_246_965, ["dealstage": "contractsent", "amount": "1500.00"], contacts: [501, 502])
    bench.clock.advance(seconds: 60)
    fake.setDeal(1_246_965, ["dealstage": "closedwon", "deal name": "a&b=ü,+ "])
    try await bench.run { client in
      let deal = try await client.deal(
        1_246_965, properties: ["amount", "dealstage", "closedate", "deal name"], history: ["dealstage"])
      #expect(deal.id == 1_246_965)
      #expect(deal["amount"] == "1500.00")
      #expect(deal["closedate"] == nil)
      #expect(deal["deal name"] == "a&b=ü,+ ")
      #expect(deal.properties["closedate"] == .some(nil))
      let stages = try #require(deal.history["dealstage"])
      #expect(deal.history.count == 1)
      #expect(stages.map(\.value) == ["closedwon", "contractsent"])
      #expect(stages.map(\.timestamp) == [start.adding(seconds: 60), start])
      #expect(stages.allSatisfy { $0.sourceType == "CRM_UI" })
      #expect(deal.contactIDs == [501, 502])
      #expect(!deal.archived)
      #expect(deal.createdAt == start)
      #expect(deal.updatedAt == start.adding(seconds: 60))
    }
    let request = try #require(fake.requests.first)
    #expect(request.method == "GET")
    #expect(request.path == "/crm/v3/objects/deals/1246965")
    #expect(request.query["associations"] == ["contacts"])
  }

  @Test("The number of a merged deal leads to the other; a deleted deal is not found")
  func mergedAndDeleted() async throws {
    bench.fake.setDeal(1, ["dealstage": "closedwon"], contacts: [501])
    bench.fake.setDeal(2, [:], contacts: [502])
    bench.fake.mergeDeal(1, into: 2)
    bench.fake.setDeal(3, [:])
    bench.fake.deleteDeal(3)
    try await bench.run { client in
      let deal = try await client.deal(1, properties: [])
      #expect(deal.id == 2)
      #expect(deal.contactIDs == [502, 501])
      for id: Int64 in [3, 404] {
        let error = await #expect(throws: HubSpotError.self) { try await client.deal(id, properties: []) }
        guard case .notFound = error else {
          Issue.record("\(String(describing: error))")
          return
        }
        #expect(error?.isRetryable == false)
      }
    }
    #expect(bench.waits.all.isEmpty)
  }

  @Test("Contacts beyond the first page of a deal are read too", arguments: [500, 2, 1])
  func manyContacts(_ page: Int) async throws {
    bench.fake.setDeal(1, [:], contacts: Array(501...505))
    bench.fake.setAssociationPage(page)
    try await bench.run { client in
      let deal = try await client.deal(1, properties: [])
      #expect(deal.contactIDs == Array(501...505))
      let ids = try await client.contactIDs(ofDeal: 1)
      #expect(ids == Array(501...505))
      await #expect(throws: HubSpotError.self) { try await client.contactIDs(ofDeal: 2) }
    }
  }

  @Test("Batches of any size are read in parts, and what is missing is told", arguments: [false, true])
  func deals(_ withHistory: Bool) async throws {
    for id: Int64 in 1...230 { bench.fake.setDeal(id, ["amount": "\(id)"]) }
    bench.fake.deleteDeal(17)
    try await bench.run { client in
      let ids: [Int64] = Array(1...231) + [5, 5]
      let batch = try await client.deals(ids, properties: ["amount"], history: withHistory ? ["amount"] : [])
      #expect(batch.records.map(\.id) == (1...230).filter { $0 != 17 })
      #expect(batch.records.allSatisfy { $0["amount"] == "\($0.id)" })
      #expect(batch.records.allSatisfy { ($0.history["amount"]?.count == 1) == withHistory })
      #expect(batch.missingIDs == [17, 231])
      let none = try await client.deals([], properties: ["amount"])
      #expect(none.records.isEmpty)
    }
    #expect(bench.fake.requests.count == (withHistory ? 5 : 3))
  }

  @Test("Contacts come with the properties asked for")
  func contacts() async throws {
    bench.fake.setContact(501, ["hs_facebook_click_id": "IwAR0", "email": "a@b.c"])
    try await bench.run { client in
      let batch = try await client.contacts([501, 502], properties: ["hs_facebook_click_id", "hs_google_click_id"])
      let contact = try #require(batch.records.first)
      #expect(contact.id == 501)
      #expect(contact["hs_facebook_click_id"] == "IwAR0")
      #expect(contact["hs_google_click_id"] == nil)
      #expect(contact.properties["email"] == nil)
      #expect(batch.missingIDs == [502])
    }
  }

  @Test("Pipelines come with their stages in order, and what is won or lost")
  func pipelines() async throws {
    bench.fake.setPipeline([
      "id": "77", "label": "Partners", "displayOrder": 1, "archived": false,
      "stages": [
        ["id": "902", "label": "Lost", "displayOrder": 2, "metadata": ["isClosed": "true", "probability": "0.0"]],
        ["id": "901", "label": "Open", "displayOrder": 1, "metadata": ["probability": "0"]],
        ["id": "900", "label": "Odd", "displayOrder": 0, "metadata": ["probability": "often"]],
      ],
    ])
    try await bench.run { client in
      let pipelines = try await client.pipelines()
      #expect(pipelines.map(\.id) == ["default", "77"])
      let stages = pipelines[0].stages
      #expect(stages.count == 7)
      #expect(stages.map(\.probability) == [0.2, 0.4, 0.6, 0.8, 0.9, 1, 0])
      #expect(stages.filter(\.isWon).map(\.id) == ["closedwon"])
      #expect(stages.filter(\.isLost).map(\.id) == ["closedlost"])
      #expect(stages[5].metadata == ["isClosed": "true", "probability": "1.0"])
      #expect(pipelines[1].stages.map(\.id) == ["900", "901", "902"])
      #expect(pipelines[1].stages.map(\.probability) == [nil, 0, 0])
      #expect(pipelines[1].stages.map(\.isLost) == [false, false, true])
    }
  }
}
