import Values

/// Finds ad sets that spend money today without results.
package enum SameDayStop {
  /// Requests the pause of each delivering ad set that has spent the configured share of the account's cap today
  /// without a lead and without a deal that came in or went on. Requests nothing while the account has no cap.
  package static func wanted(
    in account: LiveAccount, _ settings: ExecutionSettings, _ currency: Currency
  ) -> [WantedChange] {
    guard let cap = settings.accountCap else { return [] }
    let threshold = max(settings.sameDayStop.of(cap), 1)
    return account.objects.values.filter { $0.level == .adSet && account.delivers($0.id) }.sorted { $0.id < $1.id }
      .compactMap { adSet in
        let spent = account.spentToday(in: adSet.id)
        guard spent >= threshold, account.resultsToday(in: adSet.id) <= 0 else { return nil }
        return WantedChange(
          .pause, adSet.id, origin: .sameDayStop,
          reason: "\(adSet.title) has spent \(Amounts.text(spent, currency)) today, \(Share(spent, of: cap)) of the "
            + "account's cap, without a lead or a deal")
      }
  }
}
