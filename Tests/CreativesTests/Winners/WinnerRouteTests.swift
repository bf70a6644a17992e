import App
import AppTestKit
import Creatives
import Formats
import HTTPTypes
import TestKit
import Testing
import TextEmbedding
import Values
import Web

/// The memory of winners, creative DNA and embeddings over HTTP.
struct WinnerRouteTests {
  private static let search = "/api/ml/rag/search-winners"

  private static func embedding(_ numbers: [Double]) -> String { "[\(numbers.map { "\($0)" }.joined(separator: ","))]" }

  @Test("DNA is put, told and imported; only for known ads one by one")
  func dna() async throws {
    let bench = try await WinnerBench()
    try await bench.feed("1", clicks: 1)
    try await bench.test.serving(as: .operator) { api in
      let path = "/api/creative-dna/1"
      #expect(try await api.send(.get, path).refusal().status == 404)
      let body = #"{"hook": {"hook_type": "curiosity_gap", "mood": "calm"}, "cta_type": "buy_now"}"#
      #expect(try await api.send(.put, path, body).done().number("taken") == 1)
      let told = try await api.send(.get, path).done()
      #expect(try told.text("dna.hook_dna.hook_type") == "curiosity")
      #expect(try told.text("dna.hook_dna.mood") == "calm")
      #expect(try told.text("dna.cta_dna.cta_type") == "shop_now")
      #expect(try await api.send(.put, "/api/creative-dna/2", body).refusal().status == 404)
      #expect(try await api.send(.put, path, "{}").refusal().fields == ["dna"])
      #expect(try await api.send(.put, path, #"{"has_faces": "perhaps"}"#).refusal().fields == ["has_faces"])
      let batch = #"{"creatives": [{"ad_id": "2", "dna": {"hook_text": "A"}}, {"ad_id": "3", "dna": {"body": "B"}}]}"#
      #expect(try await api.post("/api/creative-dna", batch).done().number("taken") == 2)
      #expect(try await api.send(.get, "/api/creative-dna/3").done().text("dna.copy_dna.body") == "B")
      let broken = #"{"creatives": [{"ad_id": "4", "dna": {"hook_text": "A"}}, {"dna": {"body": "B"}}]}"#
      #expect(try await api.post("/api/creative-dna", broken).refusal().fields == ["creatives[1].ad_id"])
      #expect(try await api.send(.get, "/api/creative-dna/4").refusal().status == 404)
    }
    try await bench.test.serving(as: .viewer) { api in
      let refusal = try await api.send(.put, "/api/creative-dna/1", #"{"body": "x"}"#).refusal()
      #expect(refusal.status == 403)
    }
  }

  @Test("A search by embedding of any length, by text and by ad finds the same")
  func subjects() async throws {
    let bench = try await WinnerBench()
    try await bench.describe("1", hook: "brush")
    try await bench.describe("2", hook: "brush")
    for ad in ["1", "2"] { try await bench.feed(ad) }
    try await bench.test.workOffJobs()
    let text = try WinnerBench.creative("1", hook: "brush").dna.canonicalText
    let vector = Self.embedding(WordEmbedder().vector(text).map { Double($0) * 7 })
    try await bench.test.serving(as: .viewer) { api in
      for body in [#"{"query_embedding": \#(vector)}"#, #"{"query": "\#(text)"}"#, #"{"ad_id": "1"}"#] {
        let found = try await api.post(Self.search, body).done()
        let last = try #require(try found.list("winners").last)
        #expect(try last.text("ad_id") == "2", "\(body.prefix(20))")
        #expect(abs(try last.number("similarity") - 1) < 1e-5)
        #expect(try found.text("model") == "words")
      }
    }
  }

  @Test(
    "What breaks a rule is named",
    arguments: [
      ("{}", "query"), (#"{"query": "x", "ad_id": "1"}"#, "query"), (#"{"query": ""}"#, "query"),
      (#"{"query_embedding": [1, 2]}"#, "query_embedding"), (#"{"query_embedding": "x"}"#, "query_embedding"),
      (#"{"query": "x", "top_k": 0}"#, "top_k"), (#"{"query": "x", "top_k": 101}"#, "top_k"),
      (#"{"query": "x", "min_similarity": 2}"#, "min_similarity"), (#"{"query": "x", "min_ctr": "a"}"#, "min_ctr"),
      (#"{"query": "x", "won_since": "yesterday"}"#, "won_since"),
      (#"{"query": "x", "only_winning": 1}"#, "only_winning"),
      (#"{"query": "x", "model": "m"}"#, "model"), (#"{"query": "x", "limit": 5}"#, "limit"),
    ])
  func invalid(_ body: String, _ field: String) async throws {
    let bench = try await WinnerBench()
    try await bench.test.serving(as: .viewer) { api in
      let refusal = try await api.post(Self.search, body).refusal()
      #expect(refusal.status == 422)
      #expect(refusal.fields == [field])
    }
  }

  @Test("An embedding without direction is refused")
  func zero() async throws {
    let bench = try await WinnerBench()
    try await bench.test.serving(as: .viewer) { api in
      for vector in [Array(repeating: 0.0, count: 384), Array(repeating: 0.0, count: 383) + [1e-300]] {
        let refusal = try await api.post(Self.search, #"{"query_embedding": \#(Self.embedding(vector))}"#).refusal()
        #expect(refusal.fields == ["query_embedding"])
      }
    }
  }

  @Test("By hand: indexed, already indexed, waiting, and unknown")
  func hand() async throws {
    let bench = try await WinnerBench()
    try await bench.feed("1", clicks: 1)
    try await bench.feed("2", clicks: 1)
    try await bench.test.serving(as: .operator) { api in
      let path = "/api/ml/rag/index-winner"
      let body = #"{"ad_id": "1", "dna": {"hook_text": "brush"}}"#
      #expect(try await api.post(path, body).done().text("status") == "indexed")
      #expect(try await api.post(path, body).done().text("status") == "already_indexed")
      let waiting = try await api.post(path, #"{"ad_id": "2"}"#).done()
      #expect(try waiting.text("status") == "waiting")
      #expect(try waiting.text("winner.waits") == "its creative DNA is not known")
      #expect(try await api.post(path, #"{"ad_id": "3"}"#).refusal().status == 404)
      #expect(try await api.post(path, #"{"dna": {}}"#).refusal().fields == ["ad_id"])
      let stats = try await api.send(.get, "/api/ml/rag/memory-stats").done()
      #expect(try stats.number("winners") == 2)
      #expect(try stats.number("searchable") == 1)
      #expect(try stats.list("waiting").map { try $0.text("ad_id") } == ["2"])
      #expect(try stats.text("model") == "words")
      #expect(try stats.at("missing") == .null)
      let listed = try await api.send(.get, "/api/ml/rag/winners?waiting=true").done()
      #expect(try listed.list("winners").map { try $0.text("ad_id") } == ["2"])
      let next = try await api.send(.get, "/api/ml/rag/winners?after=1&limit=1").done()
      #expect(try next.list("winners").map { try $0.text("ad_id") } == ["2"])
      #expect(try await api.send(.get, "/api/ml/rag/winners/3").refusal().status == 404)
    }
  }

  @Test("Texts are embedded, in order, or there is an error")
  func embeddings() async throws {
    let bench = try await WinnerBench()
    let path = "/api/titan/generate-embedding"
    try await bench.test.serving(as: .operator) { api in
      let one = try await api.post(path, #"{"text": "brush"}"#).done()
      #expect(try one.number("count") == 1 && one.number("dimension") == 384)
      let two = try await api.post(path, #"{"texts": ["hat", "brush"]}"#).done()
      let vectors = try two.list("embeddings")
      #expect(try vectors.count == 2 && vectors[1] == one.list("embeddings")[0])
      for (body, field) in [
        ("{}", "texts"), (#"{"text": "a", "texts": ["b"]}"#, "texts"), (#"{"text": ""}"#, "text"),
        (#"{"texts": []}"#, "texts"), (#"{"texts": ["a", 1]}"#, "texts[1]"), (#"{"texts": "a"}"#, "texts"),
      ] { #expect(try await api.post(path, body).refusal().fields == [field], "\(body)") }
      let many = (0...100).map { #""\#($0)""# }.joined(separator: ",")
      #expect(try await api.post(path, #"{"texts": [\#(many)]}"#).refusal().fields == ["texts"])
    }
  }

  @Test(
    "A failure to embed has its status, and is no vector",
    arguments: [
      (TextEmbeddingError.unavailable("set a key"), 503, "embedder_unavailable"),
      (.busy("too many requests"), 503, "embedder_busy"), (.refused("too long"), 422, "text_refused"),
    ])
  func failures(_ failure: TextEmbeddingError, _ status: Int, _ code: String) async throws {
    var embedder = WordEmbedder()
    embedder.failure = failure
    let bench = try await WinnerBench(embedder)
    try await bench.test.serving(as: .operator) { api in
      for path in ["/api/titan/generate-embedding", Self.search] {
        let body = path == Self.search ? #"{"query": "x"}"# : #"{"text": "x"}"#
        let refusal = try await api.post(path, body).refusal()
        #expect(refusal.status == status && refusal.code == code)
        #expect(refusal.message.contains(failure.description))
      }
    }
    let none = try await WinnerBench(nil)
    try await none.test.serving(as: .operator) { api in
      let refusal = try await api.post("/api/titan/generate-embedding", #"{"text": "x"}"#).refusal()
      #expect(refusal.status == 503)
    }
  }
}
