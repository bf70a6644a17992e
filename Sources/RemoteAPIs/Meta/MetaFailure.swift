import Formats
import Values

/// Classifies a failed attempt of a call to Meta.
extension FailedAttempt<MetaError> {
  /// Classifies a call without a reply. A change may have been made all the same.
  init(unanswered error: TransportError, purpose: MetaThrottle.Purpose) {
    let isWrite = purpose == .writing
    switch error {
    case .invalidCall(let reason): self.init(MetaError(.invalid, reason))
    case _ where isWrite: self.init(MetaError(.outcomeUnknown, "\(error)"))
    case .timedOut: self.init(MetaError(.unavailable, "\(error)"))
    case .connectionFailed: self.init(MetaError(.unavailable, "\(error)"), repeatAfter: .zero)
    case .truncated: self.init(MetaError(.unreadable, "\(error)"), repeatAfter: .zero)
    case .tooLarge: self.init(MetaError(.tooMuchData, "\(error)"))
    case .cancelled: self.init(.cancelled)
    }
  }

  /// Classifies an error reply.
  init(_ refusal: MetaRefusal, _ usage: MetaUsage, purpose: MetaThrottle.Purpose, at now: Instant) {
    let error = refusal.error(usage, purpose: purpose, at: now)
    // Only calls that certainly changed nothing, and fail only briefly, are repeated.
    let isQuick = error.kind == .unavailable && purpose != .writing
    self.init(error, repeatAfter: isQuick ? .zero : nil)
  }
}

/// An error reply of Meta's, every field of which may be missing.
struct MetaRefusal {
  private let error: JSONValue
  private let status: Int
  private let hides: @Sendable (String) -> String

  /// Parses a reply with its body; `hides` removes secrets from a text. Nil where the reply is not an error.
  init?(status: Int, _ body: JSONValue, hides: @escaping @Sendable (String) -> String) {
    let error = body["error"]
    guard !(200...299).contains(status) || (error != nil && error != .null) else { return nil }
    self.error = error ?? .null
    self.status = status
    self.hides = hides
  }

  func error(_ usage: MetaUsage, purpose: MetaThrottle.Purpose, at now: Instant) -> MetaError {
    let code = integer("code")
    var kind: MetaError.Kind
    var isUndone = false
    if let code {
      let numbers = MetaErrorTable.Numbers(
        code: code, subcode: integer("error_subcode"), isTransient: error["is_transient"] == .bool(true))
      isUndone = MetaErrorTable.isRefusedUntilLater(numbers)
      kind = MetaErrorTable.kind(of: numbers, usage, purpose: purpose, at: now)
      if kind == .unavailable, message.contains("reduce the amount of data") { kind = .tooMuchData }
    } else {
      kind = kindOfStatus(usage, at: now)
    }
    // Meta may have made the change before it failed.
    if kind == .unavailable, purpose == .writing, !isUndone { kind = .outcomeUnknown }
    var error = MetaError(kind, message)
    error.code = code
    error.subcode = integer("error_subcode")
    error.blamedFields = blamedFields
    error.uploadWindow = uploadWindow
    error.traceID = self.error["fbtrace_id"]?.stringValue.map(cleaned)
    return error
  }

  private func kindOfStatus(_ usage: MetaUsage, at now: Instant) -> MetaError.Kind {
    switch status {
    case 401: .tokenRefused
    case 403: .forbidden
    case 404: .notFound
    case 413: .tooMuchData
    case 429: .limited(.app, until: now.adding(usage.longestRegain ?? MetaThrottle.rest))
    case 400...499: .invalid
    default: .unavailable
    }
  }

  /// The message that Meta addresses to people, or else the one for programmers.
  private var message: String {
    let texts = [error["error_user_title"], error["error_user_msg"], error["message"]].compactMap { $0?.stringValue }
    let message = texts.filter { !$0.isEmpty }.joined(separator: ": ")
    return cleaned(message.isEmpty ? "status \(status) without a message" : message)
  }

  /// An object, or a string that contains one.
  private var details: JSONValue? {
    let data = error["error_data"]
    return data?.stringValue.flatMap { text in try? JSONReader.read(text) { try $0.readValue() } } ?? data
  }

  private var uploadWindow: MetaUploadWindow? {
    details.flatMap { details in try? MetaUploadWindow(JSONField(details, at: "error_data")) }
  }

  private var blamedFields: [String] {
    let paths = details?["blame_field_specs"]?.arrayValue ?? []
    return paths.prefix(10).map { path in
      cleaned((path.arrayValue ?? [path]).compactMap(\.stringValue).joined(separator: "."))
    }
  }

  private func integer(_ key: String) -> Int? {
    guard case .number(let text)? = error[key] else { return nil }
    return Int(text)
  }

  private func cleaned(_ text: String) -> String {
    let text = hides(text)
    let plain = String(
      String.UnicodeScalarView(text.unicodeScalars.filter { $0.properties.generalCategory != .control }))
    return plain.count > 400 ? plain.prefix(399) + "…" : plain
  }
}
