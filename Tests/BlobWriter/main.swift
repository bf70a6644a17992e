import BlobStorage
import Foundation
import Values

// Counts up in a blob by reading and writing it under its generation, and announces each number after its write.
guard CommandLine.arguments.count == 3, let count = Int(CommandLine.arguments[2]), let name = BlobName("count/to")
else {
  FileHandle.standardError.write(Data("usage: blob-writer FOLDER COUNT\n".utf8))
  exit(64)
}
let store = try await FolderBlobStore(
  path: CommandLine.arguments[1],
  now: { Instant(microseconds: Int64(clamping: Date().timeIntervalSince1970 * 1_000_000)) })

/// A text of 100,000 bytes that holds the number everywhere.
func content(_ number: Int) -> [UInt8] { Array(String(repeating: String(10_000 + number) + "\n", count: 16_667).utf8) }

for _ in 0..<count {
  while true {
    let found = try await store.bytes(of: name, upTo: 1 << 20)
    let last = found.flatMap { Int(String(decoding: $0.bytes.prefix(5), as: UTF8.self)) } ?? 10_000
    let next = last - 10_000 + 1
    let condition = found.map { BlobCondition.generation($0.blob.generation) } ?? .absent
    do throws(BlobStoreError) {
      _ = try await store.put(BlobContent(content(next)), as: name, if: condition)
    } catch {
      if case .changed = error { continue }
      throw error
    }
    FileHandle.standardOutput.write(Data("\(next)\n".utf8))
    break
  }
}
