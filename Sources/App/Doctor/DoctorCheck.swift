/// The result of one check.
struct DoctorCheck: Hashable, Sendable {
  /// What was checked.
  let name: String
  /// Whether nothing has to be done.
  let isFine: Bool
  /// The finding and, where something has to be done, what.
  let finding: String

  static func fine(_ name: String, _ finding: String) -> DoctorCheck {
    DoctorCheck(name: name, isFine: true, finding: finding)
  }

  static func problem(_ name: String, _ finding: String) -> DoctorCheck {
    DoctorCheck(name: name, isFine: false, finding: finding)
  }

  /// Runs a check; its failure is a problem itself.
  static func attempt(_ name: String, _ check: () async throws -> DoctorCheck) async -> DoctorCheck {
    do {
      return try await check()
    } catch {
      return .problem(name, "\(error)")
    }
  }

  var line: String { "\(isFine ? "ok     " : "PROBLEM")  \(name): \(finding)" }
}

extension String {
  /// Whether an address of the network is this machine's own.
  var isLoopbackHost: Bool {
    self == "localhost" || self == "::1" || self == "[::1]" || hasPrefix("127.")
  }
}
