import Formats

/// What an ad is made of: how it opens, looks, sounds, moves, reads and asks.
///
/// Every property may be absent. What the groups do not know is kept in ``openFields``. See `docs/creative-dna.md`.
package struct CreativeDNA: Equatable, Sendable {
  package var hook = Hook()
  package var visual = Visual()
  package var audio = Audio()
  package var pacing = Pacing()
  package var copy = Copy()
  package var callToAction = CallToAction()
  /// Fields that no property stands for, by their group and name, as they were given.
  package var openFields: [OpenName: JSONValue] = [:]

  package init() {}

  /// Where an open field stands.
  package struct OpenName: Hashable, Sendable {
    /// Nil for a field beside the groups.
    package let group: DNAGroup?
    package let name: String

    package init(group: DNAGroup?, name: String) {
      self.group = group
      self.name = name
    }
  }
}

extension CreativeDNA {
  /// The first seconds, which decide whether anybody goes on watching.
  package struct Hook: Hashable, Sendable {
    package var type: DNATerm?
    package var emotion: DNATerm?
    /// What is said or shown, in full.
    package var text: String?
    package var length: Int?
    package var wordCount: Int?
    package var firstWords: String?
    /// 0 to 1.
    package var urgencyScore: Double?
    /// 0 to 1.
    package var curiosityScore: Double?
    package var hasQuestion: Bool?
    package var hasNumbers: Bool?
    package var startsWithYou: Bool?
  }

  package struct Visual: Hashable, Sendable {
    /// How the video is built, such as `before_after`.
    package var pattern: DNATerm?
    /// How it looks, such as `authentic`.
    package var style: DNATerm?
    package var dominantColors: [String] = []
    package var colorPaletteSize: Int?
    package var hasFaces: Bool?
    package var faceCount: Int?
    /// The part of the time in which faces are seen, 0 to 1.
    package var faceTimeRatio: Double?
    /// 0 to 1.
    package var motionIntensity: Double?
    /// 0 to 1.
    package var textOverlayDensity: Double?
    package var hasProduct: Bool?
    package var hasTextOverlays: Bool?
    package var brightness: Double?
    package var contrast: Double?
  }

  package struct Audio: Hashable, Sendable {
    package var style: DNATerm?
    package var hasMusic: Bool?
    package var musicGenre: DNATerm?
    package var tempo: DNATerm?
    package var hasVoice: Bool?
    package var voiceType: DNATerm?
    package var voiceGender: DNATerm?
    package var energy: Double?
    package var hasSoundEffects: Bool?
    package var clarity: Double?
  }

  package struct Pacing: Hashable, Sendable {
    package var tempo: DNATerm?
    /// Seconds.
    package var duration: Double?
    package var sceneCount: Int?
    package var cutsPerSecond: Double?
    /// Seconds.
    package var meanSceneDuration: Double?
    /// Seconds.
    package var introDuration: Double?
    /// Seconds.
    package var outroDuration: Double?
  }

  package struct Copy: Hashable, Sendable {
    package var headline: String?
    package var body: String?
    package var theme: String?
    /// Whom it speaks to.
    package var audience: String?
    package var keyPhrases: [String] = []
    package var wordCount: Int?
    package var characterCount: Int?
    package var sentenceCount: Int?
    package var powerWordsCount: Int?
    /// -1 to 1.
    package var sentimentScore: Double?
    package var readabilityScore: Double?
    package var hasEmojis: Bool?
    package var hasNumbers: Bool?
  }

  package struct CallToAction: Hashable, Sendable {
    package var type: DNATerm?
    package var text: String?
    /// Seconds from the beginning.
    package var timing: Double?
    package var position: DNATerm?
    package var visualStyle: DNATerm?
    package var urgencyLevel: DNATerm?
    package var hasDiscount: Bool?
    package var hasTimeLimit: Bool?
  }
}

/// A group of a creative's DNA.
package enum DNAGroup: String, CaseIterable, Sendable {
  case hook = "hook_dna"
  case visual = "visual_dna"
  case audio = "audio_dna"
  case pacing = "pacing_dna"
  case copy = "copy_dna"
  case callToAction = "cta_dna"

  /// What it is called in JSON and columns, the name that is written first.
  var names: [String] {
    switch self {
    case .hook: [rawValue, "hook"]
    case .visual: [rawValue, "visual"]
    case .audio: [rawValue, "audio"]
    case .pacing: [rawValue, "pacing"]
    case .copy: [rawValue, "copy"]
    case .callToAction: [rawValue, "cta", "call_to_action"]
    }
  }

  init?(name: String) {
    guard let group = Self.allCases.first(where: { $0.names.contains(name) }) else { return nil }
    self = group
  }
}
