import Formats

extension HubSpotClient {
  /// The most records in one batch, and the most where the history of properties is requested too.
  static let largestBatch = 100
  static let largestBatchWithHistory = 50

  /// The most pages of associations that are read: 10,000 contacts, more than anybody links to a deal.
  static let mostAssociationPages = 20

  /// Reads one deal with the contacts linked to it.
  ///
  /// The id of a deal that was merged returns the deal it was merged into, so compare the ids. Throws `HubSpotError`:
  /// `notFound` for a deal that was deleted or never existed.
  public func deal(
    _ id: Int64, properties: [String], history: [String] = []
  ) async throws(HubSpotError) -> HubSpotDeal {
    let answer = try await get(
      "/crm/v3/objects/deals/\(id)",
      query: [
        ("properties", properties.joined(separator: ",")),
        ("propertiesWithHistory", history.joined(separator: ",")), ("associations", "contacts"),
      ])
    let (found, hasMoreContacts) = try read { () throws(JSONField.Problem) in
      let contacts = try HubSpotDeal.contacts(of: answer)
      return (try HubSpotDeal(answer), try contacts.map(HubSpotPage.init)?.next != nil)
    }
    guard hasMoreContacts else { return found }
    var deal = found
    deal.contactIDs = try await contactIDs(ofDeal: deal.id)
    return deal
  }

  /// Reads deals by id, in as many calls as needed. The contacts linked to them are not read.
  public func deals(
    _ ids: [Int64], properties: [String], history: [String] = []
  ) async throws(HubSpotError) -> HubSpotBatch<HubSpotDeal> {
    try await batch(of: "deals", ids, properties, history) { field throws(JSONField.Problem) in try HubSpotDeal(field) }
  }

  /// Reads contacts by id, in as many calls as needed.
  public func contacts(_ ids: [Int64], properties: [String]) async throws(HubSpotError) -> HubSpotBatch<HubSpotContact>
  {
    try await batch(of: "contacts", ids, properties, []) { field throws(JSONField.Problem) in
      try HubSpotContact(field)
    }
  }

  /// The contacts linked to a deal, each once.
  public func contactIDs(ofDeal id: Int64) async throws(HubSpotError) -> [Int64] {
    var ids: [Int64] = []
    var seen: Set<Int64> = []
    var after = ""
    for _ in 0..<Self.mostAssociationPages {
      let answer = try await get(
        "/crm/v4/objects/deals/\(id)/associations/contacts", query: [("limit", "500"), ("after", after)])
      let page = try read { () throws(JSONField.Problem) in
        let page = try HubSpotPage(answer)
        for result in page.results {
          let contact = try result.member("toObjectId").integer()
          if seen.insert(contact).inserted { ids.append(contact) }
        }
        return page
      }
      guard let next = page.next else { return ids }
      after = next
    }
    throw .unreadable("the list of the contacts of deal \(id) does not end")
  }

  /// The pipelines of deals with their stages.
  public func pipelines() async throws(HubSpotError) -> [HubSpotPipeline] {
    let answer = try await get("/crm/v3/pipelines/deals")
    return try read { () throws(JSONField.Problem) in
      try HubSpotPage(answer).results.map { pipeline throws(JSONField.Problem) in try HubSpotPipeline(pipeline) }
    }
  }

  /// Parses a reply, turning a field that is not as documented into an error for the caller.
  func read<Value>(_ body: () throws(JSONField.Problem) -> Value) throws(HubSpotError) -> Value {
    do {
      return try body()
    } catch {
      throw .unreadable("\(error.path): \(error.value) \(error.rule)")
    }
  }

  private func batch<Record>(
    of type: String, _ ids: [Int64], _ properties: [String], _ history: [String],
    _ record: (JSONField) throws(JSONField.Problem) -> Record
  ) async throws(HubSpotError) -> HubSpotBatch<Record> {
    var seen: Set<Int64> = []
    var rest = ids.filter { seen.insert($0).inserted }[...]
    var batch = HubSpotBatch<Record>(records: [], missingIDs: [])
    while !rest.isEmpty {
      let part = rest.prefix(history.isEmpty ? Self.largestBatch : Self.largestBatchWithHistory)
      rest = rest.dropFirst(part.count)
      let answer = try await post(
        "/crm/v3/objects/\(type)/batch/read",
        [
          "inputs": .array(part.map { ["id": .string("\($0)")] }),
          "properties": .array(properties.map(JSONValue.string)),
          "propertiesWithHistory": .array(history.map(JSONValue.string)),
        ])
      batch.records += try read { () throws(JSONField.Problem) in
        try HubSpotPage(answer).results.map { field throws(JSONField.Problem) in try record(field) }
      }
      batch.missingIDs += try missingIDs(in: answer)
    }
    return batch
  }

  /// The ids without a record. Any other error in a part of the batch is thrown as an error of the whole.
  private func missingIDs(in answer: JSONField) throws(HubSpotError) -> [Int64] {
    let errors = try read { () throws(JSONField.Problem) in try answer.member("errors").elements() }
    var ids: [Int64] = []
    for error in errors {
      guard error.value["category"]?.stringValue == "OBJECT_NOT_FOUND" else {
        let message = error.value["message"]?.stringValue ?? "a part of the batch failed without a message"
        throw .invalid(String(message.prefix(300)), correlationID: nil)
      }
      ids += try read { () throws(JSONField.Problem) in
        try error.member("context").member("ids").elements().map { id throws(JSONField.Problem) in try id.integer() }
      }
    }
    return ids
  }
}
