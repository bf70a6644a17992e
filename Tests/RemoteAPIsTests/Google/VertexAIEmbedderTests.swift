import Formats
import Foundation
import HTTPTypes
import RemoteAPIs
import Synchronization
import TestKit
import Testing
import TextEmbedding
import Values

/// Vectors by models of Vertex AI's.
struct VertexAIEmbedderTests {
  private let bench = GoogleBench()

  private func embedder(
    _ transport: any HTTPTransport,
    model: VertexEmbeddingModel = VertexEmbeddingModel(name: "text-embedding-005", dimension: 3),
    tokens: GoogleTokens? = nil
  ) throws -> VertexAIEmbedder {
    let settings = try #require(VertexAISettings(project: "p1", baseURL: "http://127.0.0.1:34963"))
    return VertexAIEmbedder(
      VertexAIClient(settings: settings, transport: transport, tokens: tokens, retry: bench.retry), model: model)
  }

  private func predictions(_ values: String...) -> Result<HTTPAnswer, TransportError> {
    .answer(200, #"{"predictions":[\#(values.map { #"{"embeddings":{"values":\#($0)}}"# }.joined(separator: ","))]}"#)
  }

  @Test(
    "models are asked as Google's own library asks them", .needsSharedData,
    arguments: ["text-embedding-005", "gemini-embedding-001", "gemini-embedding-2"])
  func recorded(_ name: String) async throws {
    let file = try #require(SharedData.file("vectors/vertex_sdk_exchange.txt"))
    let blocks = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "######## ")
    let index = try #require(blocks.firstIndex { $0.contains("POST /v1/projects/p1") && $0.contains("\(name):") })
    let (head, body) = RecordedText.parts(blocks[index])
    var answer = HTTPAnswer(status: 200, body: Array(RecordedText.parts(blocks[index + 1]).body.utf8))
    if name == "text-embedding-005" {
      // The recorded answer has one prediction for two texts.
      let recorded = try JSONReader.read(answer.body) { try $0.readValue() }
      let prediction = try #require(recorded["predictions"]?.arrayValue?.first)
      var writer = JSONWriter()
      JSONValue.object(["predictions": [prediction, prediction]]).write(to: &writer)
      answer.body = writer.bytes
    }
    let transport = ScriptedTransport(.success(answer))
    let model = VertexEmbeddingModel(name: name, task: .retrievalDocument, title: "t")
    let texts = name == "text-embedding-005" ? ["hello world", "second"] : ["hello world"]
    let vectors = try await embedder(transport, model: model).embed(texts)
    let call = try #require(transport.calls.first)
    #expect(head.first == "POST \(call.url.dropFirst("http://127.0.0.1:34963".count)) HTTP/1.1")
    #expect(call.headers[.contentType] == "application/json")
    let json = { (text: String) in try JSONReader.read(text) { try $0.readValue() }.canonicalText }
    #expect(try json(String(decoding: call.body.held, as: UTF8.self)) == json(body))
    #expect(vectors.count == texts.count)
    for vector in vectors {
      #expect(vector.count == 384)
      #expect(vector.allSatisfy { abs($0 - 0.051_031_04) < 1e-6 })
    }
  }

  @Test("vectors have the length 1, whatever their components' magnitude")
  func normalised() async throws {
    let transport = ScriptedTransport(
      predictions("[3,0,4]", "[1e300,1e300,0]", "[0,1e-300,0]", "[-2,0,0]"))
    let vectors = try await embedder(transport).embed(["a", "b", "c", "d"])
    let half = Float(0.5).squareRoot()
    #expect(vectors == [[0.6, 0, 0.8], [half, half, 0], [0, 1, 0], [-1, 0, 0]])
  }

  @Test(
    "an answer that is no vector for each text is an error, never a vector",
    arguments: [
      "[0,0,0]", "[1,2]", "[1,2,3,4]", #"["1",2,3]"#, "[null,2,3]", "[1e999,0,0]", "[NaN,0,0]", "{}", "null", "[]",
      "[1,2,3]},{\"embeddings\":{\"values\":[1,2,3]}}", "[[1],2,3]", "[true,1,1]",
    ])
  func wrong(_ values: String) async throws {
    let transport = ScriptedTransport(repeating: predictions(values), count: 9)
    let embedder = try embedder(transport)
    let error = await #expect(throws: TextEmbeddingError.self) { try await embedder.embed(["a"]) }
    guard case .busy = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("no texts take no call, and an empty one is refused before any")
  func empty() async throws {
    let transport = ScriptedTransport()
    #expect(try await embedder(transport).embed([]) == [])
    for text in ["", " \n\t"] {
      let embedder = try embedder(transport)
      let error = await #expect(throws: TextEmbeddingError.self) { try await embedder.embed(["a", text]) }
      #expect(error == .refused("a text is empty: Vertex AI has no vector for it"))
    }
    #expect(transport.calls.isEmpty)
  }

  @Test("batches keep within the limits of a call, and vectors keep the order of the texts")
  func batches() async throws {
    for (count, length, largest) in [(600, 5, 250), (30, 3_000, 9), (300, 100, 196), (1, 10_000, 1)] {
      let transport = NumberingTransport()
      let texts = (0..<count).map { "\($0)" + String(repeating: " ", count: length - "\($0)".count) }
      let vectors = try await embedder(transport).embed(texts)
      #expect(vectors.map { ($0[1] / $0[0]).rounded() } == (0..<count).map { Float($0) })
      #expect(transport.sizes.reduce(0, +) == count)
      #expect(transport.sizes.max() == largest)
    }
    let gemini = NumberingTransport()
    let model = VertexEmbeddingModel(name: "gemini-embedding-001", dimension: 3)
    let vectors = try await embedder(gemini, model: model).embed((0..<12).map { "\($0)" })
    #expect(vectors.map { ($0[1] / $0[0]).rounded() } == (0..<12).map { Float($0) })
    #expect(gemini.sizes == Array(repeating: 1, count: 12))
  }

  @Test("a quota that is used up is waited for as Google says, and told where that takes too long")
  func quota() async throws {
    let limited = { (delay: String) in
      Result<HTTPAnswer, TransportError>.answer(
        429,
        #"[{"error":{"code":429,"message":"Resource exhausted.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"\#(delay)"}]}}]"#
      )
    }
    let transport = ScriptedTransport(limited("12s"), .answer(503, "<html>"), predictions("[1,0,0]"))
    #expect(try await embedder(transport).embed(["a"]) == [[1, 0, 0]])
    #expect(bench.waits == [.seconds(12), .milliseconds(2_500)])
    let long = ScriptedTransport(limited("90.5s"))
    let embedder = try embedder(long)
    let error = await #expect(throws: TextEmbeddingError.self) { try await embedder.embed(["a"]) }
    guard case .busy(let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains("90.5 seconds") && reason.contains("RESOURCE_EXHAUSTED"))
    #expect(long.calls.count == 1)
  }

  @Test("five attempts and no more")
  func attempts() async throws {
    let transport = ScriptedTransport(repeating: .answer(500, ""), count: 20)
    let embedder = try embedder(transport)
    await #expect(throws: TextEmbeddingError.self) { try await embedder.embed(["a"]) }
    #expect(transport.calls.count == 5)
    #expect(bench.waits == [1_500, 2_500, 4_500, 8_500].map { .milliseconds($0) })
  }

  @Test(
    "refusals are not repeated, and say what to do",
    arguments: [
      (400, TextEmbeddingError.refused("")), (401, .unavailable("")), (403, .unavailable("")), (404, .unavailable("")),
      (301, .busy("")),
    ])
  func refusals(_ status: Int, _ kind: TextEmbeddingError) async throws {
    let transport = ScriptedTransport(.answer(status, #"{"error":{"code":1,"message":"no such thing"}}"#))
    let embedder = try embedder(transport)
    let error = await #expect(throws: TextEmbeddingError.self) { try await embedder.embed(["a"]) }
    switch (error, kind) {
    case (.refused, .refused), (.unavailable, .unavailable), (.busy, .busy): break
    default: Issue.record("\(String(describing: error))")
    }
    #expect("\(String(describing: error))".contains("no such thing"))
    if status == 404 { #expect("\(String(describing: error))".contains("VERTEX_EMBEDDING_MODEL")) }
    #expect(transport.calls.count == 1)
  }

  @Test("locations have their hosts, and what cannot stand in an address is refused")
  func addresses() {
    for (location, host) in [
      ("us-central1", "us-central1-aiplatform.googleapis.com"), ("global", "aiplatform.googleapis.com"),
      ("eu", "aiplatform.eu.rep.googleapis.com"),
    ] {
      #expect(VertexAISettings(project: "p1", location: location)?.baseURL == "https://\(host)")
    }
    for name in ["", "a/b", "a b", "..", "ü", "a?b", "A", String(repeating: "a", count: 101)] {
      #expect(VertexAISettings(project: name) == nil)
      #expect(VertexAISettings(project: "p", location: name) == nil)
    }
  }

  @Test("vectors for another task have another name, so that they never mix")
  func names() throws {
    let names = [VertexEmbeddingTask.semanticSimilarity, .retrievalDocument, .retrievalQuery].map { task in
      VertexEmbeddingModel(name: "m", task: task)
    }
    #expect(
      try names.map { try embedder(ScriptedTransport(), model: $0).model.name } == [
        "m", "m RETRIEVAL_DOCUMENT", "m RETRIEVAL_QUERY",
      ])
    #expect(try embedder(ScriptedTransport(), model: names[0]).model.dimension == 384)
  }
}

/// Answers each text, which begins with a number, with a vector that has the number in it.
private final class NumberingTransport: HTTPTransport {
  private let counted = Mutex<[Int]>([])

  /// How many texts each call had.
  var sizes: [Int] { counted.withLock { $0 } }

  func send(_ call: HTTPCall) async throws(TransportError) -> HTTPAnswer {
    let body = (try? JSONReader.read(call.body.held) { try $0.readValue() }) ?? .null
    let texts =
      body["instances"]?.arrayValue?.compactMap { $0["content"]?.stringValue }
      ?? body["content"]?["parts"]?.arrayValue?.compactMap { $0["text"]?.stringValue } ?? []
    counted.withLock { $0.append(texts.count) }
    let vectors = texts.map { #"{"values":[1,\#($0.prefix { $0 != " " }),0]}"# }
    let text =
      body["content"] == nil
      ? #"{"predictions":[\#(vectors.map { #"{"embeddings":\#($0)}"# }.joined(separator: ","))]}"#
      : #"{"embedding":\#(vectors[0])}"#
    return HTTPAnswer(status: 200, body: Array(text.utf8))
  }
}
