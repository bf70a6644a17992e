/// A property of a creative's DNA: its names, what it holds, and how it is said in the text.
struct DNAField: Sendable {
  typealias Path<Value> = any WritableKeyPath<CreativeDNA, Value> & Sendable

  /// Where the property is, and the values that it takes.
  enum Kind: Sendable {
    case term(Path<DNATerm?>, DNAVocabulary)
    /// At most so many bytes.
    case text(Path<String?>, Int)
    /// At most ``listLimit`` texts.
    case texts(Path<[String]>)
    case flag(Path<Bool?>)
    case number(Path<Double?>, ClosedRange<Double>)
    case count(Path<Int?>)
  }

  /// How the property is said.
  enum Phrase: Sendable {
    /// As its value.
    case value
    /// By these words where it is true.
    case whenTrue(String)
    /// As whole seconds.
    case seconds
  }

  static let listLimit = 32
  static let textLimit = 1_000
  static let bodyLimit = 10_000
  /// The most bytes of a property in the text.
  static let saidLimit = 1_000

  let group: DNAGroup
  /// The name that is written.
  let key: String
  /// Other names within the group, the preferred first.
  let aliases: [String]
  /// Names that stand for it in another group.
  let elsewhere: [DNAGroup: String]
  /// Names beside the groups.
  let flatNames: [String]
  let kind: Kind
  /// Nil where the text leaves it out.
  let phrase: Phrase?

  init(
    _ group: DNAGroup, _ key: String, _ aliases: String..., elsewhere: [DNAGroup: String] = [:], flat: [String] = [],
    as kind: Kind, said phrase: Phrase? = nil
  ) {
    self.group = group
    self.key = key
    self.aliases = aliases
    self.elsewhere = elsewhere
    flatNames = flat
    self.kind = kind
    self.phrase = phrase
  }
}

extension DNAField {
  /// All properties, in the order in which they are written and said.
  static let all: [DNAField] = hook + callToAction + visual + audio + pacing + copy

  private static let share = 0.0...1.0
  private static let seconds = 0.0...86_400.0
  private static let score = -1_000_000.0...1_000_000.0

  private static let hook: [DNAField] = [
    DNAField(.hook, "hook_type", "type", as: .term(\.hook.type, .hookType), said: .value),
    DNAField(
      .hook, "emotion", "emotional_trigger", flat: ["emotional_trigger"], as: .term(\.hook.emotion, .emotion),
      said: .value),
    DNAField(.hook, "has_question", as: .flag(\.hook.hasQuestion), said: .whenTrue("asks a question")),
    DNAField(.hook, "has_numbers", as: .flag(\.hook.hasNumbers), said: .whenTrue("gives a number")),
    DNAField(.hook, "starts_with_you", as: .flag(\.hook.startsWithYou), said: .whenTrue("addresses the viewer")),
    DNAField(
      .hook, "hook_text_full", "hook_text", "text", "hook", flat: ["hook", "hook_text"],
      as: .text(\.hook.text, textLimit),
      said: .value),
    DNAField(.hook, "hook_length", "length", as: .count(\.hook.length)),
    DNAField(.hook, "word_count", as: .count(\.hook.wordCount)),
    DNAField(.hook, "first_words", as: .text(\.hook.firstWords, textLimit)),
    DNAField(.hook, "urgency_score", as: .number(\.hook.urgencyScore, share)),
    DNAField(.hook, "curiosity_score", as: .number(\.hook.curiosityScore, share)),
  ]

  private static let callToAction: [DNAField] = [
    DNAField(.callToAction, "cta_type", "type", as: .term(\.callToAction.type, .callToAction), said: .value),
    DNAField(.callToAction, "urgency_level", "urgency", as: .term(\.callToAction.urgencyLevel, .open)),
    DNAField(
      .callToAction, "has_discount", as: .flag(\.callToAction.hasDiscount), said: .whenTrue("discount")),
    DNAField(
      .callToAction, "has_time_limit", as: .flag(\.callToAction.hasTimeLimit), said: .whenTrue("limited time")),
    DNAField(
      .callToAction, "cta_text", "text", "cta", flat: ["cta", "call_to_action"],
      as: .text(\.callToAction.text, textLimit), said: .value),
    DNAField(
      .callToAction, "cta_timing", "timing", elsewhere: [.pacing: "cta_timing"],
      as: .number(\.callToAction.timing, seconds)),
    DNAField(.callToAction, "cta_position", "position", as: .term(\.callToAction.position, .open)),
    DNAField(.callToAction, "cta_visual_style", "visual_style", as: .term(\.callToAction.visualStyle, .open)),
  ]

  private static let visual: [DNAField] = [
    DNAField(.visual, "visual_pattern", "pattern", as: .term(\.visual.pattern, .visualPattern), said: .value),
    DNAField(
      .visual, "visual_style", "style", flat: ["visual"], as: .term(\.visual.style, .visualPattern), said: .value),
    DNAField(.visual, "has_product", as: .flag(\.visual.hasProduct), said: .whenTrue("product")),
    DNAField(.visual, "has_faces", as: .flag(\.visual.hasFaces), said: .whenTrue("faces")),
    DNAField(.visual, "has_text_overlays", as: .flag(\.visual.hasTextOverlays), said: .whenTrue("text overlays")),
    DNAField(.visual, "dominant_colors", "colors", as: .texts(\.visual.dominantColors)),
    DNAField(.visual, "color_palette_size", as: .count(\.visual.colorPaletteSize)),
    DNAField(.visual, "face_count", as: .count(\.visual.faceCount)),
    DNAField(.visual, "face_time_ratio", as: .number(\.visual.faceTimeRatio, share)),
    DNAField(.visual, "motion_intensity", as: .number(\.visual.motionIntensity, share)),
    DNAField(.visual, "text_overlay_density", as: .number(\.visual.textOverlayDensity, share)),
    DNAField(.visual, "brightness", as: .number(\.visual.brightness, score)),
    DNAField(.visual, "contrast", as: .number(\.visual.contrast, score)),
  ]

  private static let audio: [DNAField] = [
    DNAField(.audio, "audio_style", "style", flat: ["audio"], as: .term(\.audio.style, .open), said: .value),
    DNAField(.audio, "has_music", "music", as: .flag(\.audio.hasMusic), said: .whenTrue("music")),
    DNAField(.audio, "music_genre", "genre", as: .term(\.audio.musicGenre, .open), said: .value),
    DNAField(.audio, "has_voice", as: .flag(\.audio.hasVoice), said: .whenTrue("voice")),
    DNAField(.audio, "voice_type", as: .term(\.audio.voiceType, .voice), said: .value),
    DNAField(.audio, "voice_gender", as: .term(\.audio.voiceGender, .voice), said: .value),
    DNAField(.audio, "has_sound_effects", as: .flag(\.audio.hasSoundEffects), said: .whenTrue("sound effects")),
    DNAField(.audio, "tempo", as: .term(\.audio.tempo, .tempo)),
    DNAField(.audio, "audio_energy", "energy", as: .number(\.audio.energy, score)),
    DNAField(.audio, "audio_clarity", "clarity", as: .number(\.audio.clarity, score)),
  ]

  private static let pacing: [DNAField] = [
    DNAField(
      .pacing, "pacing_tempo", "tempo", "pace", flat: ["pacing"], as: .term(\.pacing.tempo, .tempo), said: .value),
    DNAField(
      .pacing, "duration_seconds", "duration", flat: ["duration"],
      as: .number(\.pacing.duration, seconds), said: .seconds),
    DNAField(.pacing, "scene_count", elsewhere: [.visual: "scene_count"], as: .count(\.pacing.sceneCount)),
    DNAField(.pacing, "cuts_per_second", as: .number(\.pacing.cutsPerSecond, 0...1_000)),
    DNAField(.pacing, "scene_avg_duration", as: .number(\.pacing.meanSceneDuration, seconds)),
    DNAField(.pacing, "intro_duration", as: .number(\.pacing.introDuration, seconds)),
    DNAField(.pacing, "outro_duration", as: .number(\.pacing.outroDuration, seconds)),
  ]

  private static let copy: [DNAField] = [
    DNAField(
      .copy, "audience", "target_avatar", "target_audience", flat: ["target_avatar", "target_audience"],
      as: .text(\.copy.audience, textLimit), said: .value),
    DNAField(.copy, "theme", as: .text(\.copy.theme, textLimit), said: .value),
    DNAField(.copy, "headline", "title", as: .text(\.copy.headline, textLimit), said: .value),
    DNAField(.copy, "key_phrases", as: .texts(\.copy.keyPhrases), said: .value),
    DNAField(
      .copy, "body", "primary_text", "caption", "text", flat: ["copy", "primary_text", "caption"],
      as: .text(\.copy.body, bodyLimit), said: .value),
    DNAField(.copy, "word_count", as: .count(\.copy.wordCount)),
    DNAField(.copy, "character_count", as: .count(\.copy.characterCount)),
    DNAField(.copy, "sentence_count", as: .count(\.copy.sentenceCount)),
    DNAField(.copy, "power_words_count", as: .count(\.copy.powerWordsCount)),
    DNAField(.copy, "sentiment_score", as: .number(\.copy.sentimentScore, -1...1)),
    DNAField(.copy, "readability_score", as: .number(\.copy.readabilityScore, score)),
    DNAField(.copy, "has_emojis", as: .flag(\.copy.hasEmojis)),
    DNAField(.copy, "has_numbers", as: .flag(\.copy.hasNumbers)),
  ]
}

/// Finds properties by their names.
struct DNANames: Sendable {
  /// A property that a name stands for. Where several names of one property are given, that of the lowest rank counts.
  struct Match: Sendable {
    let field: Int
    let rank: Int
  }

  private var grouped: [DNAGroup: [String: Match]] = [:]
  private var flat: [String: Match] = [:]

  static let standard = DNANames(DNAField.all)

  private init(_ fields: [DNAField]) {
    for (index, field) in fields.enumerated() {
      for (rank, name) in ([field.key] + field.aliases).enumerated() {
        grouped[field.group, default: [:]][name] = Match(field: index, rank: rank)
      }
      for (group, name) in field.elsewhere {
        grouped[group, default: [:]][name] = Match(field: index, rank: Self.elsewhereRank)
      }
    }
    addFlatNames(fields)
  }

  /// Beside the groups, a property is known by its key, where no other has it, and by any of its names behind the group's.
  private mutating func addFlatNames(_ fields: [DNAField]) {
    let owners = Dictionary(grouping: fields.indices) { fields[$0].key }
    for (index, field) in fields.enumerated() {
      for (rank, name) in ([field.key] + field.aliases).enumerated() {
        for group in field.group.names { flat["\(group)_\(name)"] = Match(field: index, rank: Self.flatRank + rank) }
      }
    }
    for (index, field) in fields.enumerated() {
      for (rank, name) in field.flatNames.enumerated() {
        flat[name] = Match(field: index, rank: Self.flatRank + Self.aliasRoom + rank)
      }
      if owners[field.key]?.count == 1 { flat[field.key] = Match(field: index, rank: Self.flatRank) }
    }
  }

  func match(_ name: String, in group: DNAGroup?) -> Match? {
    let name = DNATerm.folded(name)
    guard let group else { return flat[name] }
    return grouped[group]?[name]
  }

  private static let elsewhereRank = 50
  private static let flatRank = 100
  private static let aliasRoom = 50
}
