/// The statements that are prepared on a connection, by their text; the least recently used one is evicted first.
struct StatementCache {
  /// How to run a statement.
  struct Plan: Equatable {
    /// The name that the server knows it by.
    var name: String
    /// The types of its values, with which it must be prepared first; nil where it is prepared already.
    var typesToPrepare: [UInt32]?
  }

  private struct Entry {
    var name: String
    var types: [UInt32]
    var lastUse: Int
  }

  private let capacity: Int
  private let prefix: String
  private var entries: [String: Entry] = [:]
  private var uses = 0

  /// Names that the server still has prepared and that are not used any more.
  private var expired: [String] = []

  /// Keeps at most `capacity` statements. `prefix` begins every name; no other connection may use it, because behind a
  /// pooler several connections share one server session.
  init(capacity: Int, prefix: String) {
    self.capacity = capacity
    self.prefix = prefix
  }

  /// Finds a statement for values of these types, where 0 is a null.
  ///
  /// A null fits any type, so a placeholder keeps the type it had. Where a value has another type, the statement is
  /// prepared again under a new name.
  mutating func plan(_ text: String, types: [UInt32]) -> Plan {
    uses += 1
    guard let place = entries.index(forKey: text), entries.values[place].types.count == types.count else {
      return prepare(text, types: types)
    }
    let entry = entries.values[place]
    if zip(entry.types, types).allSatisfy({ $1 == 0 || $0 == $1 }) {
      entries.values[place].lastUse = uses
      return Plan(name: entry.name, typesToPrepare: nil)
    }
    return prepare(text, types: zip(entry.types, types).map { $1 == 0 ? $0 : $1 })
  }

  private mutating func prepare(_ text: String, types: [UInt32]) -> Plan {
    forget(text)
    if entries.count >= capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
      forget(oldest.key)
    }
    let name = "\(prefix)\(uses)"
    entries[text] = Entry(name: name, types: types, lastUse: uses)
    return Plan(name: name, typesToPrepare: types)
  }

  private mutating func forget(_ text: String) {
    if let entry = entries.removeValue(forKey: text) { expired.append(entry.name) }
  }

  /// Records that the server refused to prepare a statement, so the name does not exist there.
  mutating func refused(_ text: String) {
    entries[text] = nil
  }

  /// Returns, and clears, the names that the server is to forget.
  mutating func takeExpired() -> [String] {
    defer { expired = [] }
    return expired
  }

  /// Records that the server could not be told to forget a name; it will be told again.
  mutating func kept(_ name: String) {
    expired.append(name)
  }
}
