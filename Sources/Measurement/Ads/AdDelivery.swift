import Values

/// Whether an ad runs. Only active ads take part in decisions.
package enum DeliveryState: String, Hashable, Sendable, CaseIterable {
  /// It runs.
  case active
  /// It is paused for now.
  case paused
  case ended
}

/// What a person or a file stated about an ad's delivery.
package struct DeliveryStatement: Hashable, Sendable {
  /// Who stated it.
  package enum Source: Hashable, Sendable {
    /// A person, by their name in the audit log.
    case person(String)
    /// A file of figures whose last day is `asOf`.
    case file(String, asOf: CalendarDay)
  }

  package let adID: AdID
  /// The stated state.
  package let state: DeliveryState
  /// Who stated it.
  package let source: Source
  /// When this system learned of it.
  package let statedAt: Instant
}

/// The latest statements on an ad's delivery.
struct DeliveryStatements: Hashable {
  var person: DeliveryStatement?
  var file: DeliveryStatement?
}

/// An ad's delivery, and the statement that decides it.
package struct AdDelivery: Hashable, Sendable {
  /// Whether the ad runs.
  package let state: DeliveryState
  /// The statement that counts; nil where the state was inferred from the figures alone.
  package let statement: DeliveryStatement?
  /// The last day on which the ad was shown or cost something; nil where no day is known.
  package let lastDelivery: CalendarDay?

  /// An ad without delivery in this many days, up to the account's last day of figures, is inferred to have ended.
  package static let silentDays = 7

  init(state: DeliveryState, statement: DeliveryStatement?, lastDelivery: CalendarDay?) {
    self.state = state
    self.statement = statement
    self.lastDelivery = lastDelivery
  }

  /// Decides the state, given that the account's figures end on `figuresAsOf`.
  ///
  /// A person's statement takes precedence. A file's statement comes next, until figures of later days contradict it or
  /// are ``silentDays`` ahead of it. Otherwise the figures decide.
  init(_ statements: DeliveryStatements, lastDelivery: CalendarDay?, figuresAsOf: CalendarDay) {
    let firstDay = figuresAsOf.adding(days: 1 - Self.silentDays)
    if let person = statements.person {
      self.init(state: person.state, statement: person, lastDelivery: lastDelivery)
    } else if let file = statements.file, Self.holds(file, lastDelivery, since: firstDay) {
      self.init(state: file.state, statement: file, lastDelivery: lastDelivery)
    } else {
      let isRecent = lastDelivery.map { $0 >= firstDay } ?? false
      self.init(state: isRecent ? .active : .ended, statement: nil, lastDelivery: lastDelivery)
    }
  }

  private static func holds(
    _ statement: DeliveryStatement, _ lastDelivery: CalendarDay?, since firstDay: CalendarDay
  ) -> Bool {
    guard case .file(_, let asOf) = statement.source, asOf >= firstDay else { return false }
    guard statement.state != .active, let lastDelivery else { return true }
    return lastDelivery <= asOf
  }

  /// The source of the state: `person`, `file` or `inferred`.
  package var sourceName: String {
    switch statement?.source {
    case .person: "person"
    case .file: "file"
    case nil: "inferred"
    }
  }

  /// Why the ad is in its state, in words.
  package var reason: String {
    guard let statement else {
      let last = lastDelivery.map { "last delivered on \($0)" } ?? "has delivered nothing"
      return state == .ended ? "\(last), nothing in the last \(Self.silentDays) days of figures" : last
    }
    return switch statement.source {
    case .person(let name): "set to \(state.rawValue) by \(name) at \(statement.statedAt)"
    case .file(let name, let asOf): "\(state.rawValue) in \(name), figures up to \(asOf)"
    }
  }
}

extension DeliveryState {
  /// Parses a state of Ads Manager or the Marketing API; nil for one that does not say whether the ad runs, such as
  /// `PENDING_REVIEW`.
  package init?(reported text: String) {
    let word = text.lowercased().filter { $0.isLetter }
    switch word {
    case "active", "learning", "learninglimited", "aktiv", "actif", "activo", "activa", "attivo", "attiva",
      "ativo", "ativa", "actief":
      self = .active
    case "inactive", "off", "paused", "adsetpaused", "campaignpaused", "adpaused", "adsetinactive",
      "campaigninactive", "adsetoff", "campaignoff", "notdelivering", "disapproved", "rejected",
      "pendingbillinginfo", "inaktiv", "pausiert", "inactif", "enpause", "inactivo", "inactiva", "pausado",
      "pausada", "desactivado", "desactivada", "inattivo", "inattiva", "nonattivo", "nonattiva", "inpausa",
      "inativo", "inativa", "desativado", "desativada", "inactief", "gepauzeerd":
      self = .paused
    case "completed", "recentlycompleted", "archived", "deleted", "abgeschlossen", "archiviert", "gelöscht",
      "terminé", "archivé", "supprimé", "completado", "archivado", "eliminado", "completata", "completato",
      "archiviata", "archiviato", "concluído", "concluída", "arquivado", "arquivada", "excluído", "voltooid",
      "gearchiveerd", "verwijderd":
      self = .ended
    default: return nil
    }
  }
}
