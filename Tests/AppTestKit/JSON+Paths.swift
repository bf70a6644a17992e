import Formats
import Testing

extension JSONValue {
  /// Reads a whole JSON text.
  package init(parsing bytes: some Sequence<UInt8>) throws {
    self = try JSONReader.read(Array(bytes)) { try $0.readValue() }
  }

  /// The value at a path such as `recommendations.0.ad_id`; it must be there.
  package func at(_ path: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> JSONValue {
    try path.split(separator: ".").reduce(self) { value, step in
      let next = Int(step).flatMap { index in value.arrayValue.flatMap { $0.dropFirst(index).first } }
      return try #require(next ?? value[String(step)], "\(step) of \(path)", sourceLocation: sourceLocation)
    }
  }

  /// The text at a path.
  package func text(_ path: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
    try #require(try at(path, sourceLocation: sourceLocation).stringValue, "\(path)", sourceLocation: sourceLocation)
  }

  /// The number at a path.
  package func number(_ path: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> Double {
    try #require(try at(path, sourceLocation: sourceLocation).doubleValue, "\(path)", sourceLocation: sourceLocation)
  }

  /// The list at a path.
  package func list(_ path: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> [JSONValue] {
    try #require(try at(path, sourceLocation: sourceLocation).arrayValue, "\(path)", sourceLocation: sourceLocation)
  }

  /// The keys of an object in their order; none for everything else.
  package var keys: [String] {
    guard case .object(let object) = self else { return [] }
    return object.members.map(\.key)
  }
}
