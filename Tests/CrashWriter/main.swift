import Foundation
// Commits rows one by one and announces each after its commit, then begins a large transaction and stays in it until
// it is killed.
import Storage
import StorageSQLite

guard CommandLine.arguments.count == 2 else {
  FileHandle.standardError.write(Data("usage: crash-writer <database file>\n".utf8))
  exit(64)
}
let database = try SQLiteDatabase(path: CommandLine.arguments[1])
let first = try await database.write { transaction in
  try transaction.execute("CREATE TABLE IF NOT EXISTS written (id INTEGER PRIMARY KEY, filler TEXT NOT NULL) STRICT")
  return try transaction.query("SELECT id FROM written").count + 1
}

@Sendable func announce(_ text: String) {
  FileHandle.standardOutput.write(Data((text + "\n").utf8))
}

for id in first..<(first + 20) {
  _ = try await database.write { try $0.execute("INSERT INTO written (id, filler) VALUES (\(id), \("committed"))") }
  announce("\(id)")
}
try await database.write { transaction in
  // More than the page cache holds, so that part of it is in the log before the end.
  let filler = String(repeating: "uncommitted ", count: 1_000)
  let insert = try transaction.prepare("INSERT INTO written (id, filler) VALUES (\(0), \(""))")
  for offset in 0..<3_000 { try insert.execute([.integer(Int64(1_000_000 + offset)), .text(filler)]) }
  try transaction.execute("UPDATE written SET filler = \("changed") WHERE id < \(1_000_000)")
  announce("holding")
  // Ends when the test closes the pipe, which it does only after the kill.
  _ = FileHandle.standardInput.availableData
}
