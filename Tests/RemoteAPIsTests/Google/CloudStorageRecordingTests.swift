import BlobStorage
import Formats
import Foundation
import HTTPTypes
import RemoteAPIs
import TestKit
import Testing
import Values

/// The client's requests against those that Google's own Python library makes for the same calls.
@Suite("Cloud Storage is asked what Google's own library asks", .needsSharedData)
struct CloudStorageRecordingTests {
  private let bench = GoogleBench()
  private let recording: CloudRecording

  init() throws {
    recording = try CloudRecording()
  }

  private func client(_ transport: ScriptedTransport, chunkBytes: Int = 4 << 20) -> CloudStorageClient {
    var settings = CloudStorageSettings(bucket: "h3-bucket")
    settings.chunkBytes = chunkBytes
    settings.pageSize = 2
    settings.baseURL = "http://127.0.0.1:19093"
    return bench.client(transport, settings: settings)
  }

  private func expectEqual(_ call: HTTPCall, _ recorded: CloudExchange, ignoring query: String...) {
    var (own, theirs) = (CloudRequest(call), recorded.request)
    for name in query {
      own.query[name] = nil
      theirs.query[name] = nil
    }
    #expect(own == theirs)
  }

  @Test("what is known of an object, there and not there")
  func metadata() async throws {
    for name in ["videos/a b/ü.txt", "nope"] {
      let path = "/storage/v1/b/h3-bucket/o/\(name == "nope" ? name : "videos%2Fa%20b%2F%C3%BC.txt")"
      let recorded = try recording.first("GET", path)
      let transport = ScriptedTransport(.success(recorded.answer))
      let object = try await client(transport).object(name)
      #expect(object?.name == (name == "nope" ? nil : name))
      #expect(object?.checksum == (name == "nope" ? nil : 0x3E23_BEC4))
      expectEqual(try #require(transport.calls.first), recorded)
    }
  }

  @Test("a download, whole and from a place on")
  func download() async throws {
    let path = "/storage/v1/b/h3-bucket/o/videos%2Fa%20b%2F%C3%BC.txt"
    let described = try recording.first("GET", path)
    let (whole, part) = (
      try recording.first("GET", "/download" + path), try recording.first("GET", "/download" + path, 1)
    )
    var cut = whole.answer
    cut.body = Array(whole.answer.body.prefix(6))
    let transport = ScriptedTransport(.success(described.answer), .success(cut), .success(part.answer))
    let client = client(transport)
    let object = try #require(try await client.object("videos/a b/ü.txt"))
    // The rest is asked for without an end, where the recording has one.
    try await client.download(object) { _ in }
    expectEqual(transport.calls[1], whole, ignoring: "generation")
    #expect(transport.calls[2].headers[.range] == "bytes=6-")
    #expect(part.request.headers["range"] == "bytes=6-10")
  }

  @Test("an object in one call that another writer came before, one that is new, and one whose version is stale")
  func upload() async throws {
    for (name, text, generation) in [("videos/a b/ü.txt", "x", 0), ("new.txt", "x", 0), ("videos/a b/ü.txt", "y", 123)]
    {
      let recorded = try recording.first { exchange in
        exchange.request.query == ["uploadType": "multipart", "ifGenerationMatch": "\(generation)"]
          && exchange.request.body.contains("\"\(name == "new.txt" ? name : "videos")")
      }
      let transport = ScriptedTransport(.success(recorded.answer))
      var upload = CloudUpload(name: name, expectedGeneration: Int64(generation))
      upload.contentType = "text/plain"
      let content = BlobContent(Array(text.utf8))
      if recorded.answer.status == 412 {
        let error = await #expect(throws: GoogleError.self) { try await client(transport).upload(content, upload) }
        #expect(error?.kind == .conditionNotMet)
      } else {
        #expect(try await client(transport).upload(content, upload).checksum == 0xA93C_5F93)
      }
      expectEqual(try #require(transport.calls.first), recorded)
    }
  }

  @Test("an object of 9 MiB in chunks of 4")
  func chunks() async throws {
    let recorded = recording.exchanges.filter {
      $0.section == "E" && ($0.request.query["uploadType"] == "resumable")
    }
    #expect(recorded.map(\.answer.status) == [200, 308, 308, 200])
    let content = BlobContent(length: 9_437_191) { _, count in Array(repeating: 0, count: count) }
    let transport = ScriptedTransport(script: recorded.map { .success($0.answer) } + [.answer(204, "")])
    var upload = CloudUpload(name: "big9.mp4", expectedGeneration: 0)
    upload.contentType = "video/mp4"
    // The bytes of the recording are not kept: those of this test have another checksum than the answer states, which is
    // found, and what was stored is removed.
    let error = await #expect(throws: GoogleError.self) { try await client(transport).upload(content, upload) }
    #expect(error?.kind == .damaged)
    #expect(transport.calls.count == 5)
    for (call, exchange) in zip(transport.calls, recorded) {
      var (own, theirs) = (CloudRequest(call), exchange.request)
      if theirs.headers["x-goog-hash"] != nil {
        #expect(own.headers["x-goog-hash"]?.hasPrefix("crc32c=") == true)
        own.headers["x-goog-hash"] = nil
        theirs.headers["x-goog-hash"] = nil
      }
      #expect(own == theirs)
    }
    #expect(transport.calls[4].method == .delete)
  }

  @Test("a list, and a removal that another version is in the way of")
  func listAndDelete() async throws {
    let list = try recording.first("GET", "/storage/v1/b/h3-bucket/o", query: "maxResults")
    let transport = ScriptedTransport(.answer(200, #"{"kind":"storage#objects"}"#))
    #expect(try await client(transport).objects(prefix: "p/", page: nil).objects == [])
    expectEqual(try #require(transport.calls.first), list)
    let removal = try recording.first("DELETE", "/storage/v1/b/h3-bucket/o/copy.txt", query: "ifGenerationMatch")
    let other = ScriptedTransport(.success(removal.answer))
    let error = await #expect(throws: GoogleError.self) { try await client(other).delete("copy.txt", generation: 5) }
    #expect(error?.kind == .conditionNotMet)
    expectEqual(try #require(other.calls.first), removal)
  }
}
