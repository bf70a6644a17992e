import Foundation
import Values

/// A word of a vocabulary that anybody may add to, such as `pattern_interrupt`: lower case, words joined by `_`.
package struct DNATerm: Hashable, Sendable, CustomStringConvertible {
  /// The most bytes of a term.
  static let byteLimit = 64

  package let value: String

  /// Folds `text`, so that one term has one spelling. Nil where nothing is left, for what only says that it is not
  /// known, and for more than ``byteLimit`` bytes.
  package init?(_ text: String) {
    let folded = Self.folded(text)
    guard !folded.isEmpty, folded.utf8.count <= Self.byteLimit, !Self.absent.contains(folded) else { return nil }
    value = folded
  }

  package var description: String { value }

  /// The term as it is said; nil for `none`, since what is not there is not said.
  var words: String? { value == "none" ? nil : value.replacing("_", with: " ") }

  /// What exports write where they know nothing.
  static let absent: Set<String> = ["unknown", "n_a", "na", "null", "undefined"]

  /// Letters and digits in lower case, with one `_` for whatever stands between them; `videoUGC` is `video_ugc`.
  static func folded(_ text: String) -> String {
    var folded = ""
    var previous: Character?
    for character in text.canonical {
      if character.isLetter || character.isNumber {
        let opensWord = character.isUppercase && previous?.isLowercase == true
        if opensWord, !folded.isEmpty, folded.last != "_" { folded.append("_") }
        folded.append(contentsOf: character.lowercased())
      } else if !folded.isEmpty, folded.last != "_" {
        folded.append("_")
      }
      previous = character
    }
    if folded.last == "_" { folded.removeLast() }
    return folded.canonical
  }
}

/// The terms of one field for which different sources have different words. A word that it does not know stays.
struct DNAVocabulary: Sendable {
  private let preferred: [String: String]

  /// Takes the words for each preferred term.
  init(_ synonyms: [String: [String]] = [:]) {
    preferred = Dictionary(
      synonyms.flatMap { term, words in words.map { ($0, term) } }, uniquingKeysWith: { first, _ in first })
  }

  func term(_ text: String) -> DNATerm? {
    DNATerm(text).flatMap { term in preferred[term.value].flatMap(DNATerm.init) ?? term }
  }

  static let open = DNAVocabulary()

  static let hookType = DNAVocabulary([
    "curiosity": ["curiosity_gap", "curiosity_hook", "open_loop"],
    "urgency": ["urgency_scarcity", "urgency_hook", "scarcity"],
    "question": ["question_hook"],
    "story": ["story_hook", "storytelling"],
    "statistic": ["statistic_hook", "statistics", "stat", "number", "numbers"],
    "negative": ["negative_hook"],
    "controversy": ["controversy_hook", "controversial"],
    "social_proof": ["testimonial", "social_proof_hook"],
    "pain_point": ["pain_agitate", "pain", "problem", "problem_agitate"],
    "problem_solution": ["problem_and_solution"],
    "transformation": ["transformation_hook", "before_after"],
    "benefit": ["benefit_stack", "benefits"],
    "demonstration": ["demo", "product_demo"],
    "pattern_interrupt": ["pattern_interruption", "interrupt"],
    "emotion": ["emotional"],
  ])

  static let visualPattern = DNAVocabulary([
    "ugc": ["ugc_style", "user_generated", "user_generated_content"],
    "before_after": ["before_and_after"],
    "product_demo": ["product_showcase", "demo", "demonstration", "product_demonstration"],
    "text_overlay_heavy": ["text_heavy", "text_overlay"],
    "behind_the_scenes": ["behind_scenes", "bts"],
    "fast_cuts": ["fast_cut", "quick_cuts"],
    "meme": ["meme_format"],
    "tutorial": ["how_to"],
  ])

  /// Patterns that some sources give as styles.
  static let patternsNamedAsStyles: Set<String> = [
    "ugc", "before_after", "lifestyle", "product_demo", "text_overlay_heavy", "behind_the_scenes", "fast_cuts", "meme",
    "tutorial", "talking_head", "testimonial", "unboxing", "cinematic", "comparison",
  ]

  static let emotion = DNAVocabulary([
    "excitement": ["excited", "exciting"],
    "curiosity": ["curious"],
    "urgency": ["urgent"],
    "fear": ["fear_of_missing_out", "fomo"],
  ])

  static let tempo = DNAVocabulary([
    "slow": ["low", "calm"],
    "medium": ["moderate", "mid", "normal"],
    "fast": ["high", "quick", "rapid"],
  ])

  static let voice = DNAVocabulary([
    "male": ["man", "m"],
    "female": ["woman", "f"],
    "ai": ["synthetic", "text_to_speech", "tts", "ai_generated"],
  ])

  static let callToAction = DNAVocabulary([
    "shop_now": ["shop", "buy_now", "buy", "purchase", "order_now"],
    "book_call": ["book_a_call", "book_now", "book", "schedule_call"],
    "sign_up": ["signup", "register", "subscribe"],
    "learn_more": ["more", "read_more"],
    "download": ["download_now", "install_now", "install"],
    "get_offer": ["claim_offer", "get_discount"],
    "try_free": ["free_trial", "start_free_trial", "try_for_free"],
    "limited_time": ["limited_time_offer"],
  ])
}
