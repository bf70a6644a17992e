import Accounts
import Foundation
import Measurement
import Storage
import StoragePostgres
import Values

/// Checks an open database: whether it can be written, is undamaged and keeps accounts apart.
struct DatabaseDoctor {
  let url: DatabaseURL
  let system: System

  func checks() async -> [DoctorCheck] {
    var checks = [await DoctorCheck.attempt("database", version), await DoctorCheck.attempt("writing", writing)]
    switch url {
    case .sqlite(let path):
      checks.append(await DoctorCheck.attempt("database file", whole))
      checks.append(await DoctorCheck.attempt("file rights", { try Self.rights(ofFile: path) }))
    case .postgres(let settings):
      checks.append(await DoctorCheck.attempt("accounts apart", rowSecurity))
      checks.append(
        await DoctorCheck.attempt("connection") { try await connection(sslMode: settings.sslMode) })
      checks.append(await DoctorCheck.attempt("clock", clock))
    }
    checks.append(await DoctorCheck.attempt("audit log", auditLog))
    checks.append(await DoctorCheck.attempt("accounts", accounts))
    checks.append(await DoctorCheck.attempt("figures", figures))
    return checks
  }

  private func version() async throws -> DoctorCheck {
    let dialect = system.database.dialect
    let version = try await system.database.read { transaction -> String in
      try transaction.first(transaction.dialect.versionQuery)?.get("version") ?? "unknown"
    }
    return .fine("database", "\(url), \(dialect.productName) \(version), schema up to date")
  }

  /// Begins a change that changes nothing: a read-only file or server refuses it.
  private func writing() async throws -> DoctorCheck {
    do {
      try await system.database.write { transaction in
        _ = try transaction.execute("UPDATE accounts SET created_at = created_at WHERE account_id = ''")
      }
      return .fine("writing", "possible")
    } catch {
      return .problem("writing", "nothing can be written: \(error)")
    }
  }

  private func whole() async throws -> DoctorCheck {
    let found = try await system.database.read { transaction in
      try transaction.query("PRAGMA quick_check(3)").map { try $0.get("quick_check", as: String.self) }
    }
    return found == ["ok"]
      ? .fine("database file", "whole")
      : .problem(
        "database file", "damaged: restore it from a backup. SQLite says: \(found.joined(separator: "; "))")
  }

  /// Data of customers must be accessible only to the file's owner; SQLite's other files have the same permissions.
  static func rights(ofFile path: String) throws -> DoctorCheck {
    for file in [path, path + "-wal", path + "-shm"] {
      let real = URL(filePath: file).resolvingSymlinksInPath().path
      guard FileManager.default.fileExists(atPath: real) else { continue }
      let attributes = try FileManager.default.attributesOfItem(atPath: real)
      let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
      guard mode & 0o077 == 0 else {
        return .problem(
          "file rights",
          "users other than its owner may access \(file) (mode \(String(mode, radix: 8))): chmod 600 '\(file)'")
      }
    }
    return .fine("file rights", "accessible only to its owner")
  }

  private func rowSecurity() async throws -> DoctorCheck {
    let passes = try await system.database.read { transaction -> Bool in
      try transaction.first("SELECT rolsuper OR rolbypassrls AS passes FROM pg_roles WHERE rolname = current_user")?
        .get("passes") ?? false
    }
    return passes
      ? .problem(
        "accounts apart",
        "by the program alone: its role bypasses row-level security; use one that is not a superuser and has no "
          + "BYPASSRLS")
      : .fine("accounts apart", "by the program and by row-level security")
  }

  private func connection(sslMode: String?) async throws -> DoctorCheck {
    let row = try await system.database.read { transaction in
      try transaction.first(
        """
        SELECT COALESCE((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS encrypted,
          host(inet_server_addr()) AS address
        """)
    }
    return Self.connection(
      isEncrypted: try row?.get("encrypted") ?? false, address: try row?.getOptional("address"), sslMode: sslMode)
  }

  /// Checks a connection to `address`, nil for a local socket, given libpq's TLS setting.
  static func connection(isEncrypted: Bool, address: String?, sslMode: String?) -> DoctorCheck {
    guard let address, !address.isLoopbackHost else { return .fine("connection", "within this machine") }
    guard isEncrypted else {
      return .problem(
        "connection", "to \(address) in plain text: add sslmode=verify-full to the URL, and enable TLS on the server")
    }
    guard let sslMode, ["require", "verify-ca", "verify-full"].contains(sslMode) else {
      return .problem(
        "connection",
        "to \(address), encrypted only if the server offers it: add sslmode=verify-full to the URL")
    }
    return .fine("connection", "to \(address), encrypted, sslmode \(sslMode)")
  }

  /// The largest allowed clock difference in seconds: leases of jobs last 60.
  private static let largestSkew: Int64 = 5

  private func clock() async throws -> DoctorCheck {
    let before = SystemClock.now
    let server: Instant = try await system.database.read { transaction in
      guard let row = try transaction.first("SELECT clock_timestamp() AS now") else {
        throw DatabaseError.unreadableColumn("now")
      }
      return try row.get("now")
    }
    return Self.clock(server: server, before: before, after: SystemClock.now)
  }

  /// Compares the server's time with this machine's before and after it was read.
  static func clock(server: Instant, before: Instant, after: Instant) -> DoctorCheck {
    let ahead = (before.microseconds - server.microseconds) / 1_000_000
    let behind = (server.microseconds - after.microseconds) / 1_000_000
    let skew = max(ahead, behind, 0)
    guard skew > largestSkew else { return .fine("clock", "as the server's") }
    return .problem(
      "clock",
      "this machine's is \(skew) s \(ahead > behind ? "ahead of" : "behind") the server's: jobs are taken away from "
        + "workers that still run them; synchronise both with NTP")
  }

  private func auditLog() async throws -> DoctorCheck {
    let logs = try await system.audit.verifyAll()
    if let broken = logs.first(where: { $0.problem != nil }) {
      return .problem("audit log", "of account \(broken.account): \(broken.problem ?? "")")
    }
    let lines = logs.reduce(0) { $0 + $1.head.lines }
    return .fine("audit log", "intact, \(lines) lines; \(try await keeping())")
  }

  /// Who could change the log's lines.
  private func keeping() async throws -> String {
    guard system.database.dialect == .postgresql else { return "protected by triggers, and its chain reveals changes" }
    let mayChange = try await system.database.read { transaction -> Bool in
      try transaction.first("SELECT has_table_privilege('audit_log', 'UPDATE, DELETE, TRUNCATE') AS may")?.get("may")
        ?? true
    }
    return mayChange
      ? "protected only by triggers, because this role may change the table: see 'Roles' in docs/databases.md"
      : "and this role cannot change lines"
  }

  private func accounts() async throws -> DoctorCheck {
    let accounts = try await system.accounts.all()
    return accounts.isEmpty
      ? .problem("accounts", "none yet: geminivideo accounts create --account NAME")
      : .fine("accounts", accounts.map(\.id.value).joined(separator: ", "))
  }

  /// Up to which day each account's figures are known. Figures too old for decisions are a problem.
  private func figures() async throws -> DoctorCheck {
    var known: [String] = []
    var isFine = true
    for account in try await system.accounts.all() where account.disabledAt == nil {
      let freshness = try await system.ads.freshness(of: account.id)
      guard let day = freshness.figuresAsOf, let age = freshness.ageDays else { continue }
      if freshness.isTooOld { isFine = false }
      let consequence = freshness.isTooOld ? ", too old for decisions" : ""
      known.append("\(account.id) up to \(day) (\(age) days ago\(consequence))")
    }
    let finding = known.isEmpty ? "none yet" : known.joined(separator: ", ")
    return DoctorCheck(name: "figures", isFine: isFine, finding: finding)
  }
}
