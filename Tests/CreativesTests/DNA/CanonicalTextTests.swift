import Formats
import Foundation
import TestKit
import Testing

@testable import Creatives

/// The text that stands for a creative's DNA.
struct CanonicalTextTests {
  /// A change of this text needs a new `CreativeDNA.textVersion`: stored vectors are of the old one.
  @Test("Version 1 says this")
  func versionOne() throws {
    let dna = try CreativeDNATests.read(
      #"""
      {"hook": {"type": "pattern_interrupt", "emotion": "fear", "text": "Stop scrolling!", "has_numbers": true,
         "mood": "dark"},
       "cta": {"type": "sign_up", "text": "Join us", "has_time_limit": true, "timing": 12},
       "visual": {"pattern": "talking_head", "style": "authentic", "has_faces": true, "has_product": false,
         "brightness": 0.4},
       "audio": {"music_genre": "lo-fi", "has_music": true, "voice_type": "none"},
       "pacing": {"tempo": "fast", "duration": 14.6, "scene_count": 4},
       "copy": {"audience": "new parents", "headline": "Sleep again", "key_phrases": ["night", "calm"],
         "body": "It works."},
       "season": ["winter", "spring"], "performance": {"ctr": 0.05}}
      """#)
    #expect(CreativeDNA.textVersion == 1)
    #expect(
      dna.canonicalText == """
        Hook: pattern interrupt, fear, gives a number, Stop scrolling!, mood dark. \
        Call to action: sign up, limited time, Join us. \
        Visual: talking head, authentic, faces. Audio: music, lo fi. Pacing: fast, 15 seconds. \
        Copy: new parents, Sleep again, calm, night, It works.
        """)
    #expect(CreativeDNA().canonicalText.isEmpty)
  }

  @Test(
    "The same DNA has the same text and JSON, however its fields are ordered and spelled", arguments: UInt64(1)...40)
  func stable(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var groups: [(String, [(String, String)])] = [
      ("hook", [("type", #""urgency""#), ("text", #""Cafe\u0301 now""#), ("mood", #""dark""#), ("zoom", #""in""#)]),
      ("visual", [("pattern", #""ugc""#), ("has_faces", "true"), ("light", #"["warm", "soft"]"#)]),
      ("copy", [("body", #""One two""#), ("key_phrases", #"["b", "a"]"#)]),
    ]
    let reference = try CreativeDNATests.read(Self.object(groups))
    groups.shuffle(using: &random)
    for index in groups.indices { groups[index].1.shuffle(using: &random) }
    let shuffled = Self.object(groups).replacing("\"ugc\"", with: "\"User-generated  content\"")
      .replacing("Cafe\\u0301", with: "Caf\u{E9}").replacing("One two", with: "\\n One\\t two ")
    let dna = try CreativeDNATests.read(shuffled)
    #expect(dna == reference)
    #expect(dna.canonicalText == reference.canonicalText)
    #expect(CreativeDNATests.written(dna) == CreativeDNATests.written(reference))
  }

  @Test("A long body is cut, and does not push out what comes before it")
  func long() throws {
    let body = String(repeating: "word ", count: 1_900)
    let text = try CreativeDNATests.read(#"{"body": "\#(body)", "hook_type": "story"}"#).canonicalText
    #expect(text.hasPrefix("Hook: story. Copy: word word"))
    #expect(text.utf8.count < 1_100)
  }

  @Test("docs/creative-dna.md names every field, and in bold type those that are said")
  func document() throws {
    let root = (0..<4).reduce(URL(filePath: #filePath)) { place, _ in place.deletingLastPathComponent() }
    let text = try String(contentsOf: root.appending(path: "docs/creative-dna.md"), encoding: .utf8)
    let rows = text.split(separator: "\n")
    for field in DNAField.all {
      let row = try #require(rows.first { $0.hasPrefix("| `\(field.group.rawValue)`") })
      for name in [field.key] + field.aliases { #expect(row.contains("`\(name)`"), "\(name)") }
      #expect(row.contains("**`\(field.key)`**") == (field.phrase != nil), "\(field.key)")
    }
  }

  private static func object(_ groups: [(String, [(String, String)])]) -> String {
    let members = groups.map { name, fields in
      "\"\(name)\": {" + fields.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ",") + "}"
    }
    return "{" + members.joined(separator: ",") + "}"
  }
}
