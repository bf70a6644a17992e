import Creatives
import Formats
import TestKit
import Testing
import Values
import Web

/// What is read as a creative's DNA, and that it is written back as it was read.
struct CreativeDNATests {
  static func read(_ text: String) throws -> CreativeDNA {
    try FieldReader.read(Array(text.utf8)) { json, fields in try CreativeDNA.read(&json, &fields, at: .root) }
  }

  static func written(_ dna: CreativeDNA) -> String {
    var json = JSONWriter()
    dna.write(to: &json)
    return json.string
  }

  static func problems(_ text: String) -> [FieldProblem] {
    do {
      _ = try read(text)
      return []
    } catch InvalidInput.fields(let problems) {
      return problems
    } catch {
      Issue.record(error)
      return []
    }
  }

  @Test("Groups are read, and written under the names that come first")
  func groups() throws {
    let dna = try Self.read(
      #"""
      {"hook": {"type": "Curiosity Gap", "hook_text": "Tired of\n slow mornings?", "word_count": 4, "has_question": true},
       "visual_dna": {"has_faces": true, "face_time_ratio": 0.5, "dominant_colors": ["#fff", "#000", "#fff"]},
       "audio": {"voice_gender": "woman"}, "pacing_dna": {"duration_seconds": 15, "scene_count": 5.0},
       "copy": {"primary_text": "Coffee in ten seconds."}, "call_to_action": {"type": "buy_now", "has_discount": false}}
      """#)
    #expect(dna.hook.type == DNATerm("curiosity"))
    #expect(dna.hook.text == "Tired of slow mornings?")
    #expect(dna.hook.wordCount == 4)
    #expect(dna.visual.dominantColors == ["#fff", "#000"])
    #expect(dna.pacing.sceneCount == 5)
    #expect(dna.callToAction.hasDiscount == false)
    #expect(
      Self.written(dna) == #"""
        {"hook_dna":{"hook_type":"curiosity","has_question":true,"hook_text_full":"Tired of slow mornings?",\#
        "word_count":4},"visual_dna":{"has_faces":true,"dominant_colors":["#fff","#000"],"face_time_ratio":0.5},\#
        "audio_dna":{"voice_gender":"female"},"pacing_dna":{"duration_seconds":15,"scene_count":5},\#
        "copy_dna":{"body":"Coffee in ten seconds."},"cta_dna":{"cta_type":"shop_now","has_discount":false}}
        """#)
  }

  @Test("Fields beside the groups are those in them")
  func flat() throws {
    let flat = try Self.read(
      #"""
      {"hook_type": "question", "hook": "Why?", "cta": "Go", "visual_style": "modern", "pacing": "quick", "body": "B"}
      """#)
    let grouped = try Self.read(
      #"""
      {"hook": {"type": "question_hook", "text": "Why?"}, "cta": {"text": "Go"}, "visual": {"style": "modern"},
       "pacing": {"tempo": "fast"}, "copy": {"body": "B"}}
      """#)
    #expect(flat == grouped)
  }

  @Test("Competing words are one word, and unknown ones stay")
  func vocabularies() throws {
    let words = ["urgency_scarcity", "Scarcity", "urgency"]
    #expect(Set(try words.map { try Self.read(#"{"hook_type": "\#($0)"}"#).hook.type }) == [DNATerm("urgency")])
    #expect(try Self.read(#"{"hook_type": "cliff hanger"}"#).hook.type == DNATerm("cliff_hanger"))
    #expect(try Self.read(#"{"hook_type": "unknown", "emotion": "", "pacing": null}"#).isEmpty)
    let asStyle = try Self.read(#"{"visual_style": "UGC-style"}"#)
    #expect(asStyle == (try Self.read(#"{"visual_pattern": "ugc", "visual_style": "ugc"}"#)))
    #expect(asStyle.visual.pattern == DNATerm("ugc"))
    #expect(try Self.read(#"{"visual": {"scene_count": 3}}"#) == Self.read(#"{"pacing": {"scene_count": 3}}"#))
  }

  @Test("Of several names for one field, the same one counts in any order")
  func precedence() throws {
    let members = [
      #""hook_dna": {"type": "story", "hook_type": "question"}"#, #""hook_type": "urgency""#,
      #""hook": {"hook_type": "statistic"}"#,
    ]
    let readings = try [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]].map { order in
      try Self.read("{" + order.map { members[$0] }.joined(separator: ",") + "}").hook.type
    }
    #expect(Set(readings).count == 1)
    #expect(readings[0] == DNATerm("statistic"))
  }

  @Test("What no property stands for is kept where it stood")
  func open() throws {
    let text = #"""
      {"hook_dna": {"hook_type": "question", "mood": "dark", "scores": [1, 2.50, {"a": null}]}, "shot_on": "phone",
       "performance": {"ctr": 0.031}}
      """#
    let dna = try Self.read(text)
    #expect(dna.openFields[.init(group: .hook, name: "mood")] == "dark")
    #expect(dna.openFields[.init(group: nil, name: "performance")] == ["ctr": 0.031])
    #expect(try Self.read(Self.written(dna)) == dna)
    #expect(try CreativeDNA.readStored(Self.written(dna)) == dna)
  }

  @Test(
    "What breaks a rule is named",
    arguments: [
      (#"{"hook": {"type": 5}}"#, "hook.type"), (#"{"visual": {"has_faces": "yes"}}"#, "visual.has_faces"),
      (#"{"visual": {"face_time_ratio": 1.5}}"#, "visual.face_time_ratio"),
      (#"{"pacing": {"scene_count": 1.5}}"#, "pacing.scene_count"),
      (#"{"pacing": {"duration_seconds": 1e999}}"#, "pacing.duration_seconds"),
      (#"{"hook": {"text": "a\u0007"}}"#, "hook.text"), (#"{"copy": {"key_phrases": ["a", 1]}}"#, "copy.key_phrases"),
      (#"{"odd": "a\u0000"}"#, "odd"), (#"{"odd": 1e999}"#, "odd"), (#"{"": 1}"#, ""),
      (#"{"hook": {"mood": 1}, "hook_dna": {"mood": 2}}"#, "hook_dna.mood"),
    ])
  func refused(_ text: String, _ field: String) {
    #expect(Self.problems(text).map(\.field) == [field])
  }

  @Test("Everything is bounded")
  func bounds() throws {
    let long = String(repeating: "x", count: 10_001)
    #expect(!Self.problems(#"{"body": "\#(long)"}"#).isEmpty)
    #expect(!Self.problems(#"{"odd": "\#(long)"}"#).isEmpty)
    #expect(!Self.problems(#"{"hook_type": "\#(long.prefix(65))"}"#).isEmpty)
    #expect(!Self.problems(#"{"\#(long.prefix(65))": 1}"#).isEmpty)
    let many = (0..<65).map { #""odd\#($0)": 1"# }.joined(separator: ",")
    #expect(Self.problems("{\(many)}").count == 1)
    let phrases = (0..<33).map { "\"p\($0)\"" }.joined(separator: ",")
    #expect(!Self.problems(#"{"key_phrases": [\#(phrases)]}"#).isEmpty)
  }

  @Test("Columns are read as fields are")
  func columns() throws {
    let dna = try CreativeDNA.read(columns: [
      ("Hook Type", "Question"), ("hook.text", " Why\tnot? "), ("visual_has_faces", "YES"),
      ("duration_seconds", "12,5"),
      ("key_phrases", "free shipping | new"), ("copy_dna", #"{"body": "Text"}"#), ("spend", "12"), ("emotion", ""),
      ("audio.mood", "calm"),
    ])
    let same = try Self.read(
      #"""
      {"hook": {"type": "question", "text": "Why not?"}, "visual": {"has_faces": true}, "audio": {"mood": "calm"},
       "pacing": {"duration": 12.5}, "copy": {"key_phrases": ["free shipping", "new"], "body": "Text"}}
      """#)
    #expect(dna == same)
    #expect(!CreativeDNA.isColumn("spend"))
    #expect(CreativeDNA.isColumn("cta_dna"))
    #expect(throws: InvalidInput.self) { try CreativeDNA.read(columns: [("has_faces", "maybe")]) }
    #expect(throws: InvalidInput.self) { try CreativeDNA.read(columns: [("duration_seconds", "0x10")]) }
    #expect(throws: InvalidInput.self) { try CreativeDNA.read(columns: [("hook", "{broken")]) }
  }
}
