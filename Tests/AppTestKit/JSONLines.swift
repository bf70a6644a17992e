import Formats
import Foundation

/// Files with a JSON value on each line.
package enum JSONLines {
  /// Reads every line of the file at `path`.
  package static func read(_ path: String) throws -> [JSONValue] {
    try Data(contentsOf: URL(filePath: path)).split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: $0) }
  }
}
