import Jobs
import Storage
import TextEmbedding
import Values
import Web

/// Why winners are not remembered or not found.
package enum WinnerError: FeatureError, Equatable {
  /// The ad neither is nor was a winner.
  case notRemembered(AdID, AccountID)
  /// The ad has neither figures nor creative DNA: nothing is known of it.
  case unknownAd(AdID, AccountID)
  /// The ad's creative DNA is not known, and so there is nothing to compare.
  case withoutDNA(AdID, AccountID)
  /// The ad's creative DNA says nothing that can be embedded.
  case silentDNA(AdID)
  /// No text embedder is configured.
  case noEmbedder
  /// The embedder cannot be used until somebody does what the sentence says.
  case embedderUnavailable(String)
  /// The embedder may answer later.
  case embedderBusy(String)
  /// The embedder refuses the text.
  case textRefused(String)
  /// The embedder's vectors have another number of components than are stored.
  case dimension(Int, model: String)
  /// What was asked for breaks a rule.
  case invalid(FieldProblem)

  /// What an embedder's failure means here.
  init(_ error: TextEmbeddingError) {
    self =
      switch error {
      case .unavailable(let reason): .embedderUnavailable(reason)
      case .busy(let reason): .embedderBusy(reason)
      case .refused(let reason): .textRefused(reason)
      }
  }

  package var code: String {
    switch self {
    case .notRemembered, .unknownAd: "not_found"
    case .withoutDNA, .silentDNA: "no_creative_dna"
    case .noEmbedder, .embedderUnavailable, .dimension: "embedder_unavailable"
    case .embedderBusy: "embedder_busy"
    case .textRefused: "text_refused"
    case .invalid: "invalid_field"
    }
  }

  package var description: String {
    switch self {
    case .notRemembered(let ad, let account): "ad \(ad) neither is nor was a winner of account \(account)"
    case .unknownAd(let ad, let account): "account \(account) knows neither figures nor creative DNA of ad \(ad)"
    case .withoutDNA(let ad, let account):
      "account \(account) has no creative DNA of ad \(ad): bring it in, and it can be compared"
    case .silentDNA(let ad): "the creative DNA of ad \(ad) says nothing that can be embedded"
    case .noEmbedder: "no text embedder is configured, so that texts have no vectors"
    case .embedderUnavailable(let reason): "texts cannot be embedded: \(reason)"
    case .embedderBusy(let reason): "texts cannot be embedded now: \(reason)"
    case .textRefused(let reason): "the text cannot be embedded: \(reason)"
    case .dimension(let given, let model):
      "the model \(model) makes vectors of \(given) numbers, and those of winners have \(VectorColumn.dimension)"
    case .invalid(let problem): problem.description
    }
  }

  package var verdict: JobVerdict {
    switch self {
    case .embedderBusy: .retry(class: code)
    default: .discard(class: code, reason: description)
    }
  }
}
