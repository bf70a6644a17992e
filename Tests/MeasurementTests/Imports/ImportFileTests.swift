import Accounts
import App
import AppTestKit
import Foundation
import Measurement
import Testing
import Values
import Web

/// Files that are not what they should be, whatever they hold.
struct ImportFileTests {
  static let kinds: [(ImportService.Kind, String)] = [
    (.adsCSV, "file.csv"), (.metaInsights, "file.json"), (.hubspotDeals, "file.csv"), (.hubspotDeals, "file.json"),
  ]

  @Test("A file of no bytes is refused", arguments: kinds)
  func empty(_ kind: ImportService.Kind, _ name: String) async throws {
    let test = try await TestSystem()
    #expect(try await test.refusal(of: "", as: kind, name: name).fileRule == "is empty")
  }

  @Test("A header without rows imports nothing", arguments: [ImportService.Kind.adsCSV, .hubspotDeals])
  func headerOnly(_ kind: ImportService.Kind) async throws {
    let test = try await TestSystem()
    let header = kind == .adsCSV ? "ad_id,date,impressions,clicks,spend\n" : "Record ID,Deal Stage\n"
    #expect(try await test.importText(header, as: kind).rows == 0)
  }

  @Test("A page without rows imports nothing", arguments: [ImportService.Kind.metaInsights, .hubspotDeals])
  func emptyPage(_ kind: ImportService.Kind) async throws {
    let test = try await TestSystem()
    let page = kind == .metaInsights ? #"{"data": []}"# : #"{"results": []}"#
    #expect(try await test.importText(page, as: kind, name: "file.json").rows == 0)
  }

  @Test("A missing file is refused by name", arguments: kinds)
  func missing(_ kind: ImportService.Kind, _ name: String) async throws {
    let test = try await TestSystem()
    let before = try await test.dump()
    let path = test.path("absent-" + name)
    let error = await #expect(throws: ImportError.self) { try await test.importFile(path, as: kind) }
    #expect(error?.description.hasPrefix("\(path): ") == true)
    #expect(error?.fileRule?.lowercased().contains("no such file") == true)
    #expect(try await test.dump() == before)
  }

  @Test("A folder is refused by name", arguments: kinds)
  func folder(_ kind: ImportService.Kind, _ name: String) async throws {
    let test = try await TestSystem()
    let before = try await test.dump()
    let path = test.path("folder-" + name)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let error = await #expect(throws: ImportError.self) { try await test.importFile(path, as: kind) }
    #expect(error?.description.hasPrefix("\(path): ") == true)
    #expect(error?.fileRule?.lowercased().contains("director") == true, "\(String(describing: error))")
    #expect(try await test.dump() == before)
  }

  @Test("An unknown account is 404", arguments: kinds)
  func unknownAccount(_ kind: ImportService.Kind, _ name: String) async throws {
    let test = try await TestSystem()
    let path = try test.file(name, [])
    let nobody = try #require(AccountID("nobody"))
    await #expect(throws: AccountError.unknown(nobody)) {
      try await test.system.imports.importFile(path, as: kind, into: nobody, ImportOptions()) { _ in }
    }
  }

  @Test("CSV that breaks off within quotes is refused with its place")
  func openQuote() async throws {
    let test = try await TestSystem()
    let error = try await test.refusal(
      of: "ad_id,date,impressions,clicks,spend\n1,2026-05-01,1,1,1\n\"2,2026-05-01,1,1,1\n", as: .adsCSV)
    #expect(error.description.hasPrefix("\(test.path("file.csv")):3:1: is not CSV: "), "\(error)")
  }

  @Test("Set-aside rows leave no trace where the file then turns out to be broken")
  func brokenAfterRejects() async throws {
    let test = try await TestSystem()
    _ = try await test.refusal(
      of: "ad_id,date,impressions,clicks,spend\n1,x,1,1,1\n\"2,2026-05-01,1,1,1\n", as: .adsCSV
    ) { $0.skipsBadRows = true }
    let left = try FileManager.default.contentsOfDirectory(atPath: test.path("."))
    #expect(left.filter { $0.contains("rejects") } == [])
  }

  @Test("Progress is told in bytes up to the file's size")
  func progress() async throws {
    let test = try await TestSystem()
    let text = "ad_id,date,impressions,clicks,spend\n" + (1...9_999).map { "\($0),2026-05-01,1,1,1\n" }.joined()
    let path = try test.file("file.csv", text.utf8)
    let (steps, told) = AsyncStream.makeStream(of: ImportProgress.self)
    _ = try await test.system.imports.importFile(path, as: .adsCSV, into: test.account, ImportOptions()) {
      told.yield($0)
    }
    told.finish()
    var bytes: [Int64] = []
    for await step in steps {
      #expect(step.totalBytes == Int64(text.utf8.count))
      bytes.append(step.bytesRead)
    }
    #expect(bytes == bytes.sorted())
    #expect(bytes.last == Int64(text.utf8.count))
  }
}
