import BlobStorage
import Foundation
import RemoteAPIs
import TestKit
import Testing
import Values

@testable import App

/// What the environment says of Google and of blobs, and what is wrong with it.
struct GoogleEnvironmentTests {
  private static let keyFile = #"""
    {"type": "service_account", "project_id": "of-key", "private_key_id": "k", "client_email": "svc@p.example",
     "private_key": "-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----\n"}
    """#

  private func isFine(_ environment: [String: String]) -> Bool {
    GoogleDoctor(environment: environment).checks().allSatisfy(\.isFine)
  }

  @Test("without anything this machine's own account calls, and blobs are in a folder")
  func nothing() throws {
    let settings = try GoogleEnvironment.settings([:])
    #expect(settings.credential == .metadataServer(host: "metadata.google.internal"))
    #expect(settings.vertex == nil)
    #expect(try GoogleEnvironment.blobs([:]) == .folder(path: ".geminivideo/blobs"))
    #expect(isFine([:]))
  }

  @Test("everything that can be set is read")
  func all() throws {
    let settings = try GoogleEnvironment.settings([
      "PROJECT_ID": "p1", "LOCATION": "europe-west4", "VERTEX_EMBEDDING_MODEL": "gemini-embedding-001",
      "GCE_METADATA_HOST": "127.0.0.1:99",
    ])
    #expect(settings.credential == .metadataServer(host: "127.0.0.1:99"))
    #expect(settings.vertex == VertexAISettings(project: "p1", location: "europe-west4"))
    #expect(settings.embeddingModel == "gemini-embedding-001")
    let other = try GoogleEnvironment.settings([
      "GOOGLE_CLOUD_PROJECT": "p2", "PROJECT_ID": "p1", "GOOGLE_VERTEX_BASE_URL": "http://127.0.0.1:5",
    ])
    #expect(other.vertex == VertexAISettings(project: "p2", baseURL: "http://127.0.0.1:5"))
  }

  @Test("a key file is read, and names the project where nothing else does; nothing of the key is shown")
  func keyFile() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("key.json")
    try Data(Self.keyFile.utf8).write(to: URL(filePath: path))
    let environment = ["GOOGLE_APPLICATION_CREDENTIALS": path]
    let settings = try GoogleEnvironment.settings(environment)
    #expect(settings.vertex?.project == "of-key")
    let checks = GoogleDoctor(environment: environment).checks()
    #expect(isFine(environment))
    #expect(checks[0].finding.contains("svc@p.example calls"))
    #expect(!"\(checks) \(settings)".contains("SECRET"))
    try Data(Self.keyFile.replacing("service_account", with: "authorized_user").utf8).write(to: URL(filePath: path))
    for (value, words) in [(path, "authorized_user"), (folder.path("none"), "No such file")] {
      let error = #expect(throws: SettingError.self) {
        try GoogleEnvironment.settings(["GOOGLE_APPLICATION_CREDENTIALS": value])
      }
      #expect(error?.description.contains(words) == true)
      #expect(error?.description.contains("SECRET") == false)
      #expect(!isFine(["GOOGLE_APPLICATION_CREDENTIALS": value]))
    }
  }

  @Test(
    "where blobs are kept",
    arguments: [
      (["LOCAL_STORAGE_PATH": "/data/blobs"], nil, nil), (["GCS_BUCKET": "b-1", "USE_GCS": "false"], nil, nil),
      (["GCS_BUCKET": "b-1"], "https://storage.googleapis.com", false),
      (["GCS_BUCKET_NAME": "b-1", "USE_GCS": "true"], "https://storage.googleapis.com", false),
      (["GCS_BUCKET": "b-1", "STORAGE_EMULATOR_HOST": "127.0.0.1:9"], "http://127.0.0.1:9", true),
      (["GCS_BUCKET": "b-1", "STORAGE_EMULATOR_HOST": "http://localhost:9"], "http://localhost:9", true),
    ] as [([String: String], String?, Bool?)])
  func blobs(_ environment: [String: String], _ url: String?, _ isEmulator: Bool?) throws {
    switch try GoogleEnvironment.blobs(environment) {
    case .folder(let path):
      #expect(url == nil)
      #expect(path == environment["LOCAL_STORAGE_PATH"] ?? BlobSettings.usualFolder)
    case .cloudStorage(let settings, let emulator):
      #expect(settings.bucket == "b-1")
      #expect(settings.baseURL == url)
      #expect(emulator == isEmulator)
    }
  }

  @Test(
    "a value that cannot be right is refused by the variable's name",
    arguments: [
      (["USE_GCS": "true"], "USE_GCS"), (["USE_GCS": "perhaps"], "USE_GCS"),
      (["GCS_BUCKET": "No Bucket"], "GCS_BUCKET"),
      (["GCS_BUCKET": "b-1", "STORAGE_EMULATOR_HOST": "http://127.0.0.1:9/"], "STORAGE_EMULATOR_HOST"),
      (["GOOGLE_CLOUD_PROJECT": "a/b"], "GOOGLE_CLOUD_PROJECT"),
      (["GCE_METADATA_HOST": "http://x"], "GCE_METADATA_HOST"),
      (["GOOGLE_CLOUD_PROJECT": "p", "GOOGLE_VERTEX_BASE_URL": "x"], "GOOGLE_VERTEX_BASE_URL"),
      (["GOOGLE_CLOUD_PROJECT": "p", "LOCATION": "x y"], "LOCATION"),
      (["VERTEX_EMBEDDING_MODEL": "../x"], "VERTEX_EMBEDDING_MODEL"),
    ])
  func wrong(_ environment: [String: String], _ name: String) {
    let error = #expect(throws: SettingError.self) {
      _ = try GoogleEnvironment.settings(environment)
      _ = try GoogleEnvironment.blobs(environment)
    }
    #expect(error?.name == name)
    #expect(!isFine(environment))
  }

  @Test("tokens do not go to another machine in plain text")
  func plain() {
    let environment = ["GOOGLE_CLOUD_PROJECT": "p", "GOOGLE_VERTEX_BASE_URL": "http://vertex.example.com"]
    let check = GoogleDoctor(environment: environment).checks().first { !$0.isFine }
    #expect(check?.finding.contains("plain text") == true)
  }

  @Test("a folder of blobs is opened")
  func opening() async throws {
    let folder = try TemporaryFolder()
    let path = folder.path("blobs")
    let retry = GoogleRetry(now: { SystemClock.now })
    let transport = FakeNothing()
    let tokens = GoogleSettings().tokens(over: transport, retry: retry)
    let store = try await BlobSettings.folder(path: path).open(over: transport, tokens: tokens, retry: retry)
    let name = try #require(BlobName("a"))
    _ = try await store.put(BlobContent([1]), as: name, if: .absent)
    #expect(try await store.bytes(of: name, upTo: 1)?.bytes == [1])
  }
}

/// A network that nobody answers on.
private struct FakeNothing: HTTPTransport {
  func send(_ call: HTTPCall) async throws(TransportError) -> HTTPAnswer { throw .connectionFailed("nobody") }
}
