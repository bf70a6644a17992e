import Formats
import Values
import Web

/// The answers about winners.
package enum WinnerCoding {
  static func reply(_ findings: WinnerFindings) -> Reply {
    Reply.object { json in
      json.member("model", findings.model)
      json.member("searched_in", findings.place == .database ? "database" : "memory")
      json.member("results_found", findings.found.count)
      json.key("winners")
      json.array { json in
        for found in findings.found {
          json.object { json in
            json.member("similarity", found.similarity)
            writeMembers(of: found.remembered, to: &json)
          }
        }
      }
    }
  }

  static func reply(_ added: WinnerService.Added) -> Reply {
    Reply.object { json in
      let waits = added.remembered.waits
      json.member("status", waits != nil ? "waiting" : added.wasKnown ? "already_indexed" : "indexed")
      json.key("winner")
      json.object { writeMembers(of: added.remembered, to: &$0) }
    }
  }

  static func reply(_ stats: WinnerService.Stats) -> Reply {
    Reply.object { json in
      let counts = stats.counts
      json.member("winners", counts.winners)
      json.member("still_winning", counts.winning)
      json.member("searchable", counts.embedded)
      json.member("outdated", counts.outdated)
      json.member("waiting_for_dna", counts.withoutDNA)
      json.member("refused_by_model", counts.refused)
      json.key("waiting")
      json.array { json in
        for (adID, reason) in stats.waiting {
          json.object { json in
            json.member("ad_id", adID.value)
            json.member("reason", reason)
          }
        }
      }
      json.member("model", stats.model)
      json.member("missing", stats.gap)
      json.member("dimension", VectorColumn.dimension)
      json.member("text_version", CreativeDNA.textVersion)
      json.member("stored_as", stats.column.rawValue)
      json.member("held_in_memory", stats.heldCount)
      json.key("change")
      json.value(stats.change)
    }
  }

  /// Writes the members of a winner's object.
  package static func writeMembers(of remembered: WinnerService.Remembered, to json: inout JSONWriter) {
    let winner = remembered.winner
    json.member("ad_id", winner.adID.value)
    json.member("reason", winner.reason.rawValue)
    json.member("is_winning", winner.isWinning)
    json.member("won_at", winner.wonAt.description)
    json.member("lost_at", winner.lostAt?.description)
    json.key("then")
    write(winner.then, to: &json)
    json.key("now")
    if let now = remembered.now { write(now, to: &json) } else { json.null() }
    json.member("waits", remembered.waits)
    json.member("model", winner.isEmbedded ? winner.text?.model : nil)
    json.key("dna")
    if let dna = remembered.dna { dna.write(to: &json) } else { json.null() }
    json.member("remembered_since", winner.createdAt.description)
  }

  private static func write(_ figures: WinnerFigures, to json: inout JSONWriter) {
    json.object { json in
      json.member("impressions", figures.impressions)
      json.member("clicks", figures.clicks)
      json.member("spend", figures.spend?.majorUnits)
      json.member("pipeline_value", figures.pipelineValue?.majorUnits)
      json.member("ctr", figures.ctr)
      json.member("pipeline_roas", figures.pipelineROAS)
    }
  }
}
