import Values

/// One page of a list; all of HubSpot's lists have this form.
struct HubSpotPage {
  let results: [JSONField]
  /// The cursor of the next page; nil on the last one.
  let next: String?

  init(_ answer: JSONField) throws(JSONField.Problem) {
    let results = try answer.member("results")
    guard !results.isAbsent else { throw results.problem("must be an array") }
    self.results = try results.elements()
    let paging = try answer.member("paging")
    let next = paging.isAbsent ? paging : try paging.member("next")
    self.next = next.isAbsent ? nil : try next.member("after").text()
  }
}

extension HubSpotDeal {
  init(_ field: JSONField) throws(JSONField.Problem) {
    id = try field.member("id").integer()
    properties = try field.properties()
    history = try Self.history(of: field.member("propertiesWithHistory"))
    contactIDs = []
    if let contacts = try Self.contacts(of: field) {
      for result in try HubSpotPage(contacts).results {
        // A contact with several labels is listed once for each.
        let contact = try result.member("id").integer()
        if !contactIDs.contains(contact) { contactIDs.append(contact) }
      }
    }
    archived = try field.archived()
    createdAt = try field.member("createdAt").instant()
    updatedAt = try field.member("updatedAt").instant()
  }

  /// The first page of the contacts returned with a deal; nil where there is none.
  static func contacts(of field: JSONField) throws(JSONField.Problem) -> JSONField? {
    let associations = try field.member("associations")
    if associations.isAbsent { return nil }
    let contacts = try associations.member("contacts")
    return contacts.isAbsent ? nil : contacts
  }

  private static func history(of field: JSONField) throws(JSONField.Problem) -> [String: [HubSpotPropertyVersion]] {
    if field.isAbsent { return [:] }
    var history: [String: [HubSpotPropertyVersion]] = [:]
    for (name, values) in try field.members() {
      let versions = try values.elements().map { version throws(JSONField.Problem) in
        HubSpotPropertyVersion(
          value: try version.member("value").optionalText() ?? "", timestamp: try version.member("timestamp").instant(),
          sourceType: try version.member("sourceType").optionalText())
      }
      // Sorted again, because callers rely on it; entries with equal times keep their order.
      history[name] = versions.enumerated().sorted {
        ($1.element.timestamp, $0.offset) < ($0.element.timestamp, $1.offset)
      }.map(\.element)
    }
    return history
  }
}

extension HubSpotContact {
  init(_ field: JSONField) throws(JSONField.Problem) {
    id = try field.member("id").integer()
    properties = try field.properties()
    archived = try field.archived()
  }
}

extension HubSpotPipeline {
  init(_ field: JSONField) throws(JSONField.Problem) {
    id = try field.member("id").text()
    label = try field.member("label").text()
    displayOrder = try field.member("displayOrder").integer()
    archived = try field.archived()
    let stages = try field.member("stages").elements().map { stage throws(JSONField.Problem) in
      try HubSpotStage(stage)
    }
    self.stages = stages.sorted { $0.displayOrder < $1.displayOrder }
  }
}

extension HubSpotStage {
  init(_ field: JSONField) throws(JSONField.Problem) {
    id = try field.member("id").text()
    label = try field.member("label").text()
    displayOrder = try field.member("displayOrder").integer()
    archived = try field.archived()
    metadata = [:]
    let values = try field.member("metadata")
    guard !values.isAbsent else { return }
    for (key, value) in try values.members() { metadata[key] = try value.text() }
  }
}

extension JSONField {
  /// The properties of a record.
  fileprivate func properties() throws(Problem) -> [String: String?] {
    var properties: [String: String?] = [:]
    for (name, value) in try member("properties").members() {
      properties.updateValue(try value.optionalText(), forKey: name)
    }
    return properties
  }

  /// Whether a record is deleted.
  fileprivate func archived() throws(Problem) -> Bool {
    let archived = try member("archived")
    return archived.isAbsent ? false : try archived.bool()
  }
}
