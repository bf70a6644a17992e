import Formats
import Values

extension MetaClient {
  /// How many records a page of a list holds at most.
  static let pageSize = 500

  /// How the ad account stands: its currency, time zone, limits and what the token's user may do with it.
  package func account() async throws(MetaError) -> MetaAdAccount {
    let answer = try await get("\(adAccount)/", [("fields", MetaAdAccount.fields.joined(separator: ","))])
    return try read { () throws(JSONField.Problem) in try MetaAdAccount(answer) }
  }

  /// The least daily budgets of the ad account, one for each currency that it has: usually one.
  package func minimumBudgets() async throws(MetaError) -> [MetaMinimumBudgets] {
    var pages = MetaPages(self, "\(adAccount)/minimum_budgets", [], for: .reading) {
      field throws(JSONField.Problem) in try MetaMinimumBudgets(field)
    }
    return try await pages.all()
  }

  /// One campaign, ad set or ad as it is now. What was deleted can still be read. Throws ``MetaError/Kind/notFound`` for
  /// what never was, or is not the token's to see.
  package func object<Record: MetaRecord>(_ type: Record.Type, _ id: MetaID) async throws(MetaError) -> Record {
    let answer = try await get("\(id)/", [("fields", Record.fields.joined(separator: ","))])
    return try read { () throws(JSONField.Problem) in try Record(answer) }
  }

  /// The ad account's campaigns, ad sets or ads in any of `statuses`.
  ///
  /// Those that were deleted are in no list: read them by their numbers.
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

  /// The times in which the budget of a campaign or an ad set is another.
  package func budgetSchedules(of id: MetaID) async throws(MetaError) -> [MetaBudgetSchedule] {
    var pages = MetaPages(
      self, "\(id)/budget_schedules", [("fields", MetaBudgetSchedule.fields.joined(separator: ","))], for: .reading
    ) { field throws(JSONField.Problem) in try MetaBudgetSchedule(field) }
    return try await pages.all()
  }

  /// A value as the text of a parameter.
  static func text(_ value: JSONValue) -> String {
    var writer = JSONWriter()
    value.write(to: &writer)
    return writer.string
  }
}

extension MetaEffectiveStatus {
  /// The states that lists of a type can be asked for: all that it can be in but deleted.
  package static func listed(of type: any MetaRecord.Type) -> [MetaEffectiveStatus] {
    switch type.edge {
    case MetaCampaign.edge: [.active, .paused, .archived, .inProcess, .withIssues]
    case MetaAdSet.edge: [.active, .paused, .archived, .campaignPaused, .inProcess, .withIssues]
    default: allCases.filter { $0 != .deleted }
    }
  }
}
