import AppTestKit
import Formats
import Testing
import Values

/// The commands about launches. Nothing is sent by them: a worker does what they ask for.
@Suite("Launches at the command line")
struct LaunchCommandTests {
  private static func start(_ more: String...) -> [String] {
    [
      "launches", "start", "--account", "acme", "--name", "Hook A", "--page", "111", "--ad-set", "20", "--text", "T",
      "--headline", "H", "--link", "https://shop.example.com/p",
    ] + more
  }

  @Test("start, list, show and retry, and what is missing before that")
  func whole() async throws {
    let program = try await Program()
    try await program.output("accounts", "create", "--account", "acme")
    try program.write("not much of a video", to: "hook.mp4")
    let graph = FakeGraph()
    graph.change { $0.addAd("10") }
    try await graph.serve { url in
      let environment = ["META_GRAPH_URL": url, "META_ACCESS_TOKEN": "TOKEN"]
      func run(_ arguments: [String]) async throws -> Program.Outcome {
        try await program.run(arguments, environment: environment)
      }
      let loose = try await run(Self.start("--video", program.path("hook.mp4")))
      #expect(loose.status == 2)
      #expect(loose.errors.contains("no ad account is connected"))
      _ = try await run(["meta", "connect", "--account", "acme", "--ad-account", "act_123"])
      let observing = try await run(Self.start("--video", program.path("hook.mp4")))
      #expect(observing.errors.contains("account acme is in the mode observe"))
      try await program.output(
        "execution", "set", "--account", "acme", "mode=approve", "holder_floor=10", "holder_cap=200", "account_floor=0",
        "account_cap=1000", "max_daily_spend=1750")
      let missing = try await run(Self.start("--video", program.path("other.mp4")))
      #expect(missing.status == 2)
      #expect(missing.errors.contains("must be a file that can be read: No such file or directory"))
      #expect(try await run(Self.start()).status == 64)
      let linked = try await run(Self.start("--video-url", "http://cdn.example/v.mp4"))
      #expect(linked.errors.contains("video_url is http://cdn.example/v.mp4: must be an https address"))
      let before = graph.calls.count
      let started = try await run(Self.start("--video", program.path("hook.mp4"), "--call-to-action", "SIGN_UP"))
      #expect(started.status == 0, "\(started.errors)")
      #expect(graph.calls.count == before)
      let id = try #require(started.output.split(separator: " ").dropFirst().first.map(String.init))
      let listed = try await program.output("launches", "list", "--account", "acme", "--state", "requested")
      #expect(listed.contains(id) && listed.contains("Hook A"))
      let shown = try JSONValue(parsing: try await program.output("launches", "show", id, "--account", "acme").utf8)
      #expect(try shown.text("state") == "requested")
      #expect(try shown.text("video") == "hook.mp4")
      #expect(try shown.number("video_bytes") == 19)
      #expect(try shown.text("call_to_action") == "SIGN_UP")
      let again = try await program.output("launches", "retry", id, "--account", "acme")
      #expect(again.hasPrefix("Launch \(id) is requested again."))
      let unknown = try await program.run(
        "launches", "show", String(repeating: "0", count: 24), "--account", "acme")
      #expect(unknown.status == 2)
    }
  }
}
