import Foundation
import Storage
import StoragePostgres
import TestKit
import Testing

@Suite("PostgreSQL over TLS", .enabled(if: TLSServer.isUsable, "openssl is not installed, or not before this server"))
struct TLSTests {
  @Test("with verify-full a server is trusted by its root and its name")
  func verified() async throws {
    let server = try TLSServer(before: TestServer.shared())
    defer { server.stop() }
    let database = PostgresDatabase(try server.settings(host: "localhost", root: server.certificate))
    let sum = try await database.read { try $0.first("SELECT \(1) + \(1) AS sum")?.get("sum", as: Int.self) }
    #expect(sum == 2)
    await database.shutDown()
  }

  @Test("a server that the root did not sign is refused, and the error says why")
  func wrongRoot() async throws {
    let server = try TLSServer(before: TestServer.shared())
    defer { server.stop() }
    let stranger = try server.makeCertificate("stranger")
    let error = try await refusal(by: server.settings(host: "localhost", root: stranger))
    #expect(error.contains("certificate verify failed"), "\(error)")
  }

  @Test("a server of another name than its certificate's is refused, and the error says why")
  func wrongName() async throws {
    let server = try TLSServer(before: TestServer.shared())
    defer { server.stop() }
    let error = try await refusal(by: server.settings(host: "db.invalid", root: server.certificate))
    #expect(error.contains("localhost") && error.contains("db.invalid"), "\(error)")
  }

  /// What a read that gets no connection says.
  private func refusal(by settings: PostgresSettings) async throws -> String {
    let database = PostgresDatabase(settings)
    let error = await #expect(throws: DatabaseError.self) {
      _ = try await database.read { try $0.query("SELECT 1 AS one") }
    }
    await database.shutDown()
    guard case .unavailable(let reason) = error else {
      Issue.record("the server cannot be reached, but the error is \(String(describing: error))")
      return ""
    }
    return reason
  }
}

/// A server that takes nothing but TLS, by a certificate made for it that is its own root.
private final class TLSServer: Sendable {
  /// It is put before the server that the tests start, not before one that they are given.
  static let isUsable =
    FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")
    && ProcessInfo.processInfo.environment["GEMINIVIDEO_TEST_DATABASE_URL"] == nil

  /// The certificate's file.
  let certificate: String
  private let folder: TemporaryFolder
  private let process: Process
  private let port: Int

  init(before server: TestServer) throws {
    folder = try TemporaryFolder()
    certificate = try Self.makeCertificate("localhost", in: folder)
    process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "python3", Self.script.path, certificate, certificate + ".key", server.path + "/.s.PGSQL.5432",
    ]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    port = try #require(Int(line.trimmingCharacters(in: .newlines)), "it prints its port")
  }

  private static let script = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Peers/postgres/tls.py")

  /// Kills it: it inherits a mask of signals in which the gentler ones are blocked.
  func stop() {
    kill(process.processIdentifier, SIGKILL)
  }

  /// Reaches it by the name `host`, and trusts what `root` has signed.
  func settings(host: String, root: String) throws -> PostgresSettings {
    var settings = try PostgresSettings(
      """
      postgresql://postgres@\(host):\(port)/postgres?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert=\(root)
      """)
    settings.secondsToConnection = 2
    return settings
  }

  func makeCertificate(_ name: String) throws -> String {
    try Self.makeCertificate(name, in: folder)
  }

  private static func makeCertificate(_ name: String, in folder: borrowing TemporaryFolder) throws -> String {
    let path = folder.path("\(name).crt")
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/openssl")
    process.arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
      "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)", "-keyout", path + ".key", "-out", path,
    ]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "openssl makes a certificate")
    return path
  }
}
