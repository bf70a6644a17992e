import Accounts
import ArgumentParser
import Foundation
import Synchronization
import Values

extension AccountsCommand {
  struct Disable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Disable an account: refuse its keys and hold its jobs until it is enabled again.")

    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        try await system.lifecycle.disable(account.account, by: .commandLine)
        Console.print("Account \(account.account) is disabled: its keys are refused, and its jobs wait.")
      }
    }
  }

  struct Enable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Enable a disabled account again.")

    @OptionGroup var account: AccountOption
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        try await system.lifecycle.enable(account.account, by: .commandLine)
        Console.print("Account \(account.account) is enabled.")
      }
    }
  }

  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete an account with all of its data; only a receipt stays.")

    @OptionGroup var account: AccountOption
    @Option(help: "The account's name, as confirmation: deleted data cannot be restored.")
    var confirm: String
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        guard confirm == account.account.value else {
          throw SettingError(name: "--confirm", value: confirm, rule: "must be the account's name, \(account.account)")
        }
        let receipt = try await system.lifecycle.delete(account.account, by: .commandLine)
        var table = Table(["table", "rows deleted"], rightAligned: [1])
        for (name, count) in receipt.rowCounts.sorted(by: { $0.key < $1.key }) { table.add([name, "\(count)"]) }
        Console.print(table.text)
      }
    }
  }

  struct Receipts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the deleted accounts.")

    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        var table = Table(["account", "deleted", "by", "rows"])
        for receipt in try await system.lifecycle.receipts() {
          table.add([
            receipt.accountName, "\(receipt.deletedAt)", receipt.deletedBy,
            "\(receipt.rowCounts.values.reduce(0, +))",
          ])
        }
        Console.print(table.text)
      }
    }
  }

  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write all data of an account as lines of JSON, one file for each table, without hashes of keys.")

    @OptionGroup var account: AccountOption
    @Option(help: "The folder to write to; it is created if missing, and must not contain an export.")
    var to: String
    @OptionGroup var database: DatabaseOption

    func run() async throws {
      try await database.run { system in
        let folder = try ExportFolder(to)
        try await system.lifecycle.export(account.account, by: .commandLine) { table, line in
          try folder.write(line, to: table)
        }
        var table = Table(["file", "rows"], rightAligned: [1])
        for (name, count) in try folder.close() { table.add(["\(name).jsonl", "\(count)"]) }
        Console.print(table.text)
      }
    }
  }
}

/// A folder that an account is exported to: `TABLE.jsonl` for each table with rows.
private final class ExportFolder: Sendable {
  private struct Open {
    let table: String
    let handle: FileHandle
    var rows = 0
    var bytes: [UInt8] = []

    mutating func flush() throws {
      try handle.write(contentsOf: Data(bytes))
      bytes.removeAll(keepingCapacity: true)
    }
  }

  private struct State {
    var open: Open?
    var counts: [(name: String, rows: Int)] = []

    mutating func closeTable() throws {
      guard var last = open else { return }
      try last.flush()
      try last.handle.close()
      counts.append((last.table, last.rows))
      open = nil
    }
  }

  private static let bufferSize = 1 << 16

  private let path: URL
  private let state = Mutex(State())

  init(_ path: String) throws {
    self.path = URL(filePath: path, directoryHint: .isDirectory)
    try FileManager.default.createDirectory(
      at: self.path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let present = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".jsonl") }
    guard present.isEmpty else {
      throw SettingError(name: "--to", value: path, rule: "must be a folder without an export")
    }
  }

  /// Appends a line to a table's file. A table's lines are written consecutively.
  func write(_ line: [UInt8], to table: String) throws {
    try state.withLock { state in
      if state.open?.table != table {
        try state.closeTable()
        let file = path.appending(path: "\(table).jsonl")
        guard FileManager.default.createFile(atPath: file.path, contents: nil, attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: file.path]) }
        state.open = Open(table: table, handle: try FileHandle(forWritingTo: file))
      }
      state.open?.rows += 1
      state.open?.bytes += line + [UInt8(ascii: "\n")]
      if let open = state.open, open.bytes.count >= Self.bufferSize { try state.open?.flush() }
    }
  }

  /// Closes the last file, and returns how many rows each has.
  func close() throws -> [(name: String, rows: Int)] {
    try state.withLock { state in
      try state.closeTable()
      return state.counts
    }
  }
}
