import ArgumentParser
import Execution
import Formats
import Platforms
import Values

/// `changes`: lists, approves, rejects and undoes changes.
struct ChangesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "changes", abstract: "Show changes of ads and budgets; approve, reject and undo them.",
    subcommands: [List.self, Batches.self, Show.self, Approve.self, Reject.self, Rollback.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the account's changes, latest first.")

    @OptionGroup var account: AccountOption
    @Option(help: "Only changes in this state: \(ChangeState.allCases.map(\.rawValue).joined(separator: ", ")).")
    var state: ChangeState?
    @Option(help: "Only changes of this batch.")
    var batch: TimedID?
    @Option(help: "The most changes to print, 1 to \(AdChangeService.page).")
    var limit = 50
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      var filter = AdChangeFilter()
      (filter.state, filter.batch, filter.limit) = (state, batch, limit)
      try await database.run { [filter] system in
        let listed = try await system.changes.list(filter, of: account.account)
        Console.print(ChangeTable.text(listed.items, listed.currency))
      }
    }
  }

  struct Batches: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List batches of proposals, latest first.")

    @OptionGroup var account: AccountOption
    @Option(help: "The most batches to print, 1 to \(AdChangeService.page).")
    var limit = 20
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        var table = Table(["batch", "at", "by", "decision", "changes", "refused", "note"])
        for batch in try await system.changes.batches(of: account.account, limit: limit).items {
          table.add([
            "\(batch.id)", "\(batch.madeAt)", batch.madeBy, batch.decisionID ?? "", "\(batch.changes)",
            "\(batch.refusals.count)", batch.note,
          ])
        }
        Console.print(table.text)
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a change with its history, or a batch with its changes and refusals, as JSON.")

    @Argument(help: "The change's or the batch's id.")
    var id: TimedID
    @Flag(help: "The id is a batch's.")
    var batch = false
    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        var json = JSONWriter()
        if batch {
          let found = try await system.changes.batch(id, of: account.account)
          AdChangeCoding(found.currency).write(found.batch, changes: found.changes, to: &json)
        } else {
          let found = try await system.changes.change(id, of: account.account)
          AdChangeCoding(found.currency).write(found.change, history: found.history, to: &json)
        }
        Console.print(JSONWriter.pretty(try JSONReader.read(json.bytes) { try $0.readValue() }))
      }
    }
  }

  struct Approve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Approve proposals; the limits are checked again when they are applied.")

    @OptionGroup var chosen: Chosen
    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        if let batch = chosen.batch {
          let count = try await system.changes.approve(batch: batch, of: account.account, by: .commandLine)
          return Console.print("\(count) proposals of batch \(batch) are approved.")
        }
        for change in chosen.changes {
          try await system.changes.approve(change, of: account.account, by: .commandLine)
          Console.print("Change \(change) is approved.")
        }
      }
    }
  }

  struct Reject: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Reject changes that have not been written yet.")

    @OptionGroup var chosen: Chosen
    @Option(help: "Why, for the record.")
    var reason: String?
    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        if let batch = chosen.batch {
          let count = try await system.changes.reject(
            batch: batch, of: account.account, by: .commandLine, reason: reason)
          return Console.print("\(count) changes of batch \(batch) are rejected.")
        }
        for change in chosen.changes {
          try await system.changes.reject(change, of: account.account, by: .commandLine, reason: reason)
          Console.print("Change \(change) is rejected.")
        }
      }
    }
  }

  struct Rollback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Undo written changes; refused where a person has changed the object since.")

    @OptionGroup var chosen: Chosen
    @Option(help: "Why, for the record.")
    var reason: String?
    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        if let batch = chosen.batch {
          let outcome = try await system.changes.rollBack(
            batch: batch, of: account.account, by: .commandLine, reason: reason)
          Console.print(ChangeTable.text(outcome.changes, outcome.currency))
          for refusal in outcome.refused { Console.print("Not undone: \(refusal.text).") }
          return
        }
        for change in chosen.changes {
          let made = try await system.changes.rollBack(change, of: account.account, by: .commandLine, reason: reason)
          Console.print("Change \(change) is undone by change \(made.id).")
        }
      }
    }
  }

  /// Single changes, or a whole batch.
  struct Chosen: ParsableArguments {
    @Argument(help: "The changes' ids.")
    var changes: [TimedID] = []
    @Option(help: "All changes of this batch.")
    var batch: TimedID?

    func validate() throws {
      guard changes.isEmpty != (batch == nil) else {
        throw ValidationError("give the changes' ids, or --batch BATCH")
      }
    }
  }
}

/// Changes as a table.
enum ChangeTable {
  static func text(_ changes: [PendingAdChange], _ currency: Currency) -> String {
    var table = Table(["change", "what", "of", "from", "to", "delivery", "state", "why"], rightAligned: [3, 4, 5])
    for change in changes {
      let budgets = change.budgets(in: currency)
      table.add([
        "\(change.id)", change.action.kind.rawValue, "\(change.level.noun) \(change.object)",
        budgets.map { Grouped.text($0.from) } ?? "", budgets.map { Grouped.text($0.to) } ?? "",
        "\(change.deliveryShare)", change.state.rawValue, change.stateReason ?? change.reason,
      ])
    }
    return table.text
  }
}

extension ChangeState: ExpressibleByArgument {}
