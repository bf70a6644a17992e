import Values
import Web

/// The schemas of requests and answers about winners.
enum WinnerSchemas {
  private static let ownAccount = Schema.text("The key's own account.", length: 1...64)
  private static let adID = Schema.text("The ad's id.", length: 1...128)

  /// Exactly one of `query`, `query_embedding` and `ad_id` is required, which schemas of this kind cannot say.
  static let query = Schema.object(
    optional: [
      (
        "query",
        .text(
          "A text to compare with: exactly one of this, query_embedding and ad_id is required.",
          length: 1...WinnerQuery.textLimit)
      ),
      (
        "query_embedding",
        .array(
          of: .number("A component.", -1e18...1e18), count: VectorColumn.dimension...VectorColumn.dimension,
          description: "An embedding to compare with; its length does not count.")
      ),
      ("ad_id", .text("An ad to compare with: a winner, or one with creative DNA.", length: 1...128)),
      ("model", .text("The model that query_embedding comes from; the configured one unless told.", length: 1...200)),
      ("top_k", .integer("How many winners at most, 5 unless told.", WinnerQuery.limits)),
      ("min_similarity", .number("The least cosine.", -1...1)),
      ("min_ctr", .number("The least CTR when it came to win.", 0...1)),
      ("min_roas", .number("The least pipeline ROAS when it came to win.", 0...1_000_000_000)),
      ("won_since", .formatted("Only ads that came to win then or later.", "date-time")),
      ("won_before", .formatted("Only ads that came to win before.", "date-time")),
      ("only_winning", .bool("Whether ads that do not win any more are left out.")),
      ("account_id", ownAccount),
    ]
  ).named("WinnerQuery")

  private static let figures = Schema.object(
    optional: [
      ("impressions", .integer("Times shown.")), ("clicks", .integer("Clicks.")),
      ("spend", .answeredAmount("Money spent.")), ("pipeline_value", .answeredAmount("What its deals were worth.")),
      ("ctr", .number("Clicks for each impression.")),
      ("pipeline_roas", .number("Pipeline value for each unit spent.")),
    ]
  ).named("WinnerFigures")

  private static let required: [(String, Schema)] = [
    ("ad_id", .string("The ad.")), ("reason", .choice("Why it won.", WinReason.allCases.map(\.rawValue))),
    ("is_winning", .bool("Whether it still wins.")), ("won_at", .formatted("Since when it wins, or won.", "date-time")),
    ("then", figures), ("remembered_since", .formatted("When it was remembered first.", "date-time")),
  ]

  private static let optional: [(String, Schema)] = [
    ("lost_at", .formatted("Since when it does not win any more.", "date-time")), ("now", figures),
    ("waits", .string("Why it cannot be searched yet.")), ("model", .string("The model of its embedding.")),
    ("dna", CreativeDNASchemas.dna),
  ]

  static let winner = Schema.object(required: required, optional: optional).named("Winner")

  static let findings = Schema.object(
    required: [
      ("model", .string("The model whose embeddings were compared; empty where there are none.")),
      ("searched_in", .choice("Where they were compared.", ["memory", "database"])),
      ("results_found", .integer("How many winners were found.")),
      (
        "winners",
        .array(
          of: Schema.object(
            required: [("similarity", .number("The cosine, -1 to 1."))] + required, optional: optional
          ).named("SimilarWinner"), description: "The winners, closest first.")
      ),
    ]
  ).named("WinnerFindings")

  static let list = Schema.object(required: [("winners", .array(of: winner))]).named("Winners")

  static let addition = Schema.object(
    required: [("ad_id", adID)],
    optional: [("dna", CreativeDNASchemas.dna), ("account_id", ownAccount)]
  ).named("WinnerAddition")

  static let added = Schema.object(required: [
    (
      "status",
      .choice(
        "Whether it can be searched now, could be before, or waits.", ["indexed", "already_indexed", "waiting"])
    ), ("winner", winner),
  ]).named("AddedWinner")

  static let stats = Schema.object(
    required: [
      ("winners", .integer("How many winners are remembered.")), ("still_winning", .integer("Those that still win.")),
      ("searchable", .integer("Those with an embedding of the model.")),
      ("outdated", .integer("Those whose embedding is of another model or an older text, and is made again.")),
      ("waiting_for_dna", .integer("Those without embedding whose creative DNA is not known.")),
      ("refused_by_model", .integer("Those whose text the model does not take.")),
      (
        "waiting",
        .array(
          of: .object(required: [("ad_id", .string("The ad.")), ("reason", .string("Why it cannot be searched yet."))]),
          description: "The first of those without embedding, in the order of their ads.")
      ), ("dimension", .integer("How many numbers an embedding has.")),
      ("text_version", .integer("By which rules creative DNA becomes text.")),
      ("stored_as", .choice("How the database keeps embeddings.", [VectorColumn.bytes, .pgvector].map(\.rawValue))),
      ("change", .integer("The number of the last change; processes that have the same are as far as each other.")),
    ],
    optional: [
      ("model", .string("The model that texts are embedded by.")),
      ("missing", .string("What is missing for texts to be embedded.")),
      ("held_in_memory", .integer("How many embeddings this process holds in memory.")),
    ]
  ).named("WinnerMemoryStats")
}
