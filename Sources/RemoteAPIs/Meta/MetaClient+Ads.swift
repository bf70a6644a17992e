import Formats
import Values

/// An ad to be created. It is always created paused: nothing here can create a running one.
package struct MetaAdDraft: Hashable, Sendable {
  package var name: String
  package var adSetID: MetaID
  package var creativeID: MetaID
  /// The label by which it can be found again.
  package var label: String
  /// The pixel that reports what visitors do; nil for that of the ad set.
  package var pixelID: MetaID?
  /// The domain on which visitors convert; nil to let Meta determine it.
  package var conversionDomain: String?

  package init(name: String, adSetID: MetaID, creativeID: MetaID, label: String) {
    self.name = name
    self.adSetID = adSetID
    self.creativeID = creativeID
    self.label = label
  }

  var form: [(name: String, value: String)] {
    var form = [
      ("name", name), ("adset_id", adSetID.value),
      ("creative", MetaClient.text(["creative_id": .string(creativeID.value)])), ("status", MetaStatus.paused.text),
    ]
    if let pixelID {
      let specs: JSONValue = [["action.type": ["offsite_conversion"], "fb_pixel": [.string(pixelID.value)]]]
      form.append(("tracking_specs", MetaClient.text(specs)))
    }
    if let conversionDomain { form.append(("conversion_domain", conversionDomain)) }
    return form + [("adlabels", MetaClient.text([["name": .string(label)]]))]
  }
}

/// An ad and its label.
package struct MetaLabelledAd: Hashable, Sendable {
  package let id: MetaID
  package let status: MetaStatus
  package let labels: [String]
  package let creativeID: MetaID?
}

/// The result of Meta's review of an ad.
package struct MetaAdReview: Hashable, Sendable {
  package let id: MetaID
  package let name: String
  /// The ad's own switch.
  package let status: MetaStatus
  /// Meta's status text, including those that this client does not know.
  package let effectiveStatus: String
  /// What keeps it from delivering, in Meta's words.
  package let issues: [String]
  /// Why reviewers rejected it, in Meta's words, each with where that applies.
  package let feedback: [String]
  /// Where people can look at it; nil where Meta gives no link.
  package let previewLink: String?

  static let fields = [
    "id", "name", "status", "effective_status", "issues_info", "ad_review_feedback", "preview_shareable_link",
  ]
}

extension MetaClient {
  /// Creates a creative. Where the outcome is unknown, search for its name with ``creatives(named:)`` before sending it
  /// again. For the same draft Meta may also return the same creative again.
  package func create(
    _ draft: MetaCreativeDraft, leavingBy deadline: Instant? = nil
  ) async throws(MetaError) -> MetaID {
    try newID(try await post("\(adAccount)/adcreatives", draft.form, for: .writing, leavingBy: deadline))
  }

  /// The ad account's creatives with a name.
  package func creatives(named name: String) async throws(MetaError) -> [MetaID] {
    try await named(name, "adcreatives", nameField: "name")
  }

  package func creative(_ id: MetaID) async throws(MetaError) -> MetaCreative {
    let answer = try await get("\(id)/", [("fields", MetaCreative.fields.joined(separator: ","))])
    return try read { () throws(JSONField.Problem) in try MetaCreative(answer) }
  }

  /// Creates a paused ad. Meta has no idempotency key: where the outcome is unknown, search for the label with
  /// ``ads(inSet:labelled:)`` before sending it again.
  package func create(_ draft: MetaAdDraft, leavingBy deadline: Instant? = nil) async throws(MetaError) -> MetaID {
    try newID(try await post("\(adAccount)/ads", draft.form, for: .writing, leavingBy: deadline))
  }

  /// The ads of an ad set with a label, including archived ones. An ad set has at most 50 ads that are not deleted.
  package func ads(inSet adSet: MetaID, labelled label: String) async throws(MetaError) -> [MetaLabelledAd] {
    let statuses = MetaEffectiveStatus.listed(of: MetaAd.self).map { JSONValue.string($0.rawValue) }
    var pages = MetaPages(
      self, "\(adSet)/ads",
      [
        ("effective_status", Self.text(.array(statuses))), ("limit", "100"),
        ("fields", "id,status,adlabels,creative{id}"),
      ], for: .reading
    ) { field throws(JSONField.Problem) in try MetaLabelledAd(field) }
    return try await pages.all().filter { $0.labels.contains(label) }
  }

  /// The result of the review of an ad.
  package func review(ofAd id: MetaID) async throws(MetaError) -> MetaAdReview {
    let answer = try await get("\(id)/", [("fields", MetaAdReview.fields.joined(separator: ","))])
    return try read { () throws(JSONField.Problem) in try MetaAdReview(answer) }
  }
}

extension MetaLabelledAd {
  init(_ field: JSONField) throws(JSONField.Problem) {
    id = try field.id("id")
    status = MetaStatus(try field.member("status").text())
    labels = try field.member("adlabels").elements().map { label throws(JSONField.Problem) in
      try label.member("name").text()
    }
    let creative = try field.member("creative")
    creativeID = creative.isAbsent ? nil : try creative.id("id")
  }
}

extension MetaAdReview {
  init(_ field: JSONField) throws(JSONField.Problem) {
    id = try field.id("id")
    name = try field.member("name").text()
    status = MetaStatus(try field.member("status").text())
    effectiveStatus = String(try field.member("effective_status").text().prefix(40))
    issues = try field.member("issues_info").elements().prefix(20).map { issue throws(JSONField.Problem) in
      let texts = [try issue.member("error_summary").optionalText(), try issue.member("error_message").optionalText()]
      return String(texts.compactMap { $0 }.joined(separator: ": ").prefix(300))
    }
    feedback = Self.feedback(field.value["ad_review_feedback"])
    previewLink = try field.member("preview_shareable_link").optionalText().map { String($0.prefix(500)) }
  }

  /// Reasons are listed under `global`, and under `placement_specific` by placement.
  private static func feedback(_ value: JSONValue?) -> [String] {
    let places = value?["placement_specific"]?.namedValues ?? []
    let all = (value?["global"].map { [("everywhere", $0)] } ?? []) + places
    let texts = all.flatMap { place, reasons in
      reasons.namedValues.map { "\(place): \($0.key): \($0.value.stringValue ?? "without a reason")" }
    }
    return texts.prefix(20).map { String($0.prefix(300)) }
  }
}

extension JSONValue {
  fileprivate var namedValues: [(key: String, value: JSONValue)] {
    guard case .object(let object) = self else { return [] }
    return object.members.map { ($0.key, $0.value) }
  }
}
