import ArgumentParser
import Creatives
import Formats
import Foundation
import Values

extension WinnersCommand {
  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the winners, with their embeddings and creative DNA, to a file.",
      discussion: "The file is a table where its name ends in .csv, else lines of JSON; winners import reads both.")

    @Argument(help: "The file, which must not be there yet.")
    var file: String
    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let isTable = file.lowercased().hasSuffix(".csv")
        let handle = try Self.newFile(file)
        var count = 0
        if isTable { try handle.write(contentsOf: Data(CSVWriter.line(WinnerRow.fields).utf8)) }
        try await system.winnerTransfer.export(account.account) { rows in
          count += rows.count
          try handle.write(contentsOf: Data(rows.flatMap { try Self.line($0, isTable) }))
        }
        try handle.close()
        Console.print("\(count) winners were written to \(file).")
      }
    }

    private static func newFile(_ path: String) throws -> FileHandle {
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else {
        throw SettingError(name: "file", value: path, rule: "must be a new file: \(String(cString: strerror(errno)))")
      }
      return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    private static func line(_ row: WinnerRow, _ isTable: Bool) throws -> [UInt8] {
      if isTable { return Array(CSVWriter.line(try row.cells).utf8) }
      var json = JSONWriter()
      row.write(to: &json)
      return json.bytes + [UInt8(ascii: "\n")]
    }
  }

  struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remember the winners of a file.",
      discussion: """
        A table (.csv) or JSON, as winners export writes them: ad_id, and any of reason, won_at, lost_at, impressions, \
        clicks, spend, pipeline_value, ctr, pipeline_roas, dna, and embedding with model. What is remembered of the same \
        ads is replaced. Winners without an embedding are embedded by a worker.
        """)

    @Argument(help: "The file.")
    var file: String
    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let count = try await system.winnerTransfer.importFile(file, into: account.account)
        Console.print("\(count) winners were taken from \(file).")
      }
    }
  }

  struct UsePgvector: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "use-pgvector",
      abstract: "Have a PostgreSQL server that has got pgvector since keep embeddings as vectors, and index them.")

    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let isChanged = try await system.winners.usePgvector()
        Console.print(
          isChanged
            ? "Embeddings are vectors now."
            : "Nothing is to be done: embeddings are vectors already, or the database is none of PostgreSQL.")
      }
    }
  }
}
