import Formats
import Values

extension MetaClient {
  /// The most records on a page of a list.
  static let pageSize = 500

  /// The ad account: its currency, time zone, limits and what the token's user may do with it.
  package func account() async throws(MetaError) -> MetaAdAccount {
    let answer = try await get("\(adAccount)/", [("fields", MetaAdAccount.fields.joined(separator: ","))])
    return try read { () throws(JSONField.Problem) in try MetaAdAccount(answer) }
  }

  /// The lowest daily budgets of the ad account, one entry for each currency that it has: usually one.
  package func minimumBudgets() async throws(MetaError) -> [MetaMinimumBudgets] {
    var pages = MetaPages(self, "\(adAccount)/minimum_budgets", [], for: .reading) {
      field throws(JSONField.Problem) in try MetaMinimumBudgets(field)
    }
    return try await pages.all()
  }

  /// The current state of one campaign, ad set or ad. Deleted ones can still be read. Throws
  /// ``MetaError/Kind/notFound`` for one that never existed, or that the token may not see.
  package func object<Record: MetaRecord>(_ type: Record.Type, _ id: MetaID) async throws(MetaError) -> Record {
    let answer = try await get("\(id)/", [("fields", Record.fields.joined(separator: ","))])
    return try read { () throws(JSONField.Problem) in try Record(answer) }
  }

  /// The ad account's campaigns, ad sets or ads in any of `statuses`.
  ///
  /// Deleted ones are in no list: read them by id.
  package func objects<Record: MetaRecord>(
    _ type: Record.Type, in statuses: [MetaEffectiveStatus] = MetaEffectiveStatus.listed(of: Record.self),
    limit: Int = MetaClient.pageSize
  ) -> MetaPages<Record> {
    MetaPages(
      self, "\(adAccount)/\(Record.edge)",
      [
        ("effective_status", Self.text(.array(statuses.map { .string($0.rawValue) }))), ("limit", "\(limit)"),
        ("fields", Record.fields.joined(separator: ",")),
      ], for: .reading
    ) { field throws(JSONField.Problem) in try Record(field) }
  }

  /// The periods in which the budget of a campaign or an ad set differs.
  package func budgetSchedules(of id: MetaID) async throws(MetaError) -> [MetaBudgetSchedule] {
    var pages = MetaPages(
      self, "\(id)/budget_schedules", [("fields", MetaBudgetSchedule.fields.joined(separator: ","))], for: .reading
    ) { field throws(JSONField.Problem) in try MetaBudgetSchedule(field) }
    return try await pages.all()
  }

  /// A value as parameter text.
  static func text(_ value: JSONValue) -> String {
    var writer = JSONWriter()
    value.write(to: &writer)
    return writer.string
  }
}

extension MetaEffectiveStatus {
  /// The states that lists of a type can be filtered by: all of its states except deleted.
  package static func listed(of type: any MetaRecord.Type) -> [MetaEffectiveStatus] {
    switch type.edge {
    case MetaCampaign.edge: [.active, .paused, .archived, .inProcess, .withIssues]
    case MetaAdSet.edge: [.active, .paused, .archived, .campaignPaused, .inProcess, .withIssues]
    default: allCases.filter { $0 != .deleted }
    }
  }
}
