import Formats
import Values
import Web

extension CreativeDNA {
  /// Reads an object with any of the fields, in groups or beside them, and notes what is wrong with it.
  package static func read(
    _ json: inout JSONReader, _ fields: inout FieldReader, at path: FieldPath
  ) throws -> CreativeDNA? {
    guard case .object(let object) = try json.readValue() else {
      fields.note(path.appending("dna"), "another kind of value", "must be an object")
      return nil
    }
    var intake = DNAIntake(isStored: false)
    intake.take(object)
    let dna = intake.finish()
    for problem in intake.problems { fields.note(path.appending(problem.field), problem.value, problem.rule) }
    return intake.problems.isEmpty ? dna : nil
  }

  /// Reads what ``write(to:)`` wrote. Throws an ``UnreadableJSON`` or a `JSONError` where it is something else.
  package static func readStored(_ text: String) throws -> CreativeDNA {
    try FieldReader.readStored(text) { json, fields in
      guard case .object(let object) = try json.readValue() else { return nil }
      var intake = DNAIntake(isStored: true)
      intake.take(object)
      let dna = intake.finish()
      for problem in intake.problems { fields.note(problem.field, problem.value, problem.rule) }
      return dna
    }
  }

  /// Reads the cells of a table's row by the names of their columns, and leaves out columns that ``isColumn(_:)`` does
  /// not know and empty cells.
  ///
  /// A list's texts are parted by `|`; a group may stand in one cell as JSON. Throws an ``InvalidInput`` that names the
  /// columns whose cells break the rules.
  package static func read(columns: [(name: String, cell: String)]) throws -> CreativeDNA {
    var intake = DNAIntake(isStored: false)
    for column in columns where isColumn(column.name) { intake.take(column: column.name, column.cell) }
    let dna = intake.finish()
    guard intake.problems.isEmpty else { throw InvalidInput.fields(intake.problems) }
    return dna
  }

  /// Whether a table's column of this name belongs to the DNA: a field's name, one behind its group's, such as
  /// `visual.has_faces` or `hook_emotion`, or a group's.
  package static func isColumn(_ name: String) -> Bool {
    let (group, field) = DNAIntake.place(ofColumn: name)
    return group != nil || DNAGroup(name: DNATerm.folded(field)) != nil
      || DNANames.standard.match(field, in: nil) != nil
  }
}

/// Gathers what is given for each property, whatever its order and by whatever name, and then reads it.
struct DNAIntake {
  private struct Candidate {
    let rank: Int
    let path: String
    let value: JSONValue
  }

  /// How many open fields a creative may have.
  static let openFieldLimit = 64
  /// The most bytes of an open field's value as JSON.
  static let openValueLimit = 4_096

  private(set) var problems: [FieldProblem] = []
  /// What is stored was taken by the rules of its time.
  private let isStored: Bool
  private var candidates: [Int: Candidate] = [:]
  private var dna = CreativeDNA()

  init(isStored: Bool) {
    self.isStored = isStored
  }

  mutating func take(_ object: JSONObject) {
    for member in object.members {
      if let group = DNAGroup(name: DNATerm.folded(member.key)), case .object(let fields) = member.value {
        take(fields, of: group, named: member.key)
      } else {
        take(member.key, member.value, in: nil, path: member.key)
      }
    }
  }

  private mutating func take(_ fields: JSONObject, of group: DNAGroup, named name: String) {
    for field in fields.members { take(field.key, field.value, in: group, path: "\(name).\(field.key)") }
  }

  mutating func take(column: String, _ cell: String) {
    guard let cell = DNAText.cleaned(cell) else { return note(column, cell, PlainText.rule) }
    guard !cell.isEmpty else { return }
    let (group, name) = Self.place(ofColumn: column)
    if group == nil, cell.first == "{", let whole = DNAGroup(name: DNATerm.folded(name)) {
      guard case .object(let fields)? = try? JSONReader.read(cell, { try $0.readValue() }) else {
        return note(column, cell, "must be a JSON object")
      }
      return take(fields, of: whole, named: column)
    }
    let kind = DNANames.standard.match(name, in: group).map { DNAField.all[$0.field].kind }
    take(name, DNACell.value(cell, as: kind), in: group, path: column)
  }

  /// `hook.emotion` is a field of a group; every other name stands beside them.
  static func place(ofColumn name: String) -> (group: DNAGroup?, field: String) {
    let parts = name.split(separator: ".", maxSplits: 1)
    guard parts.count == 2, let group = DNAGroup(name: DNATerm.folded(String(parts[0]))) else { return (nil, name) }
    return (group, String(parts[1]))
  }

  private mutating func take(_ name: String, _ value: JSONValue, in group: DNAGroup?, path: String) {
    guard value != .null else { return }
    guard let match = DNANames.standard.match(name, in: group) else {
      return takeOpen(name, value, in: group, path: path)
    }
    // Of equal names the lesser counts, so that the order of fields does not.
    if let other = candidates[match.field], (other.rank, other.path) <= (match.rank, path) { return }
    candidates[match.field] = Candidate(rank: match.rank, path: path, value: value)
  }

  private mutating func takeOpen(_ name: String, _ value: JSONValue, in group: DNAGroup?, path: String) {
    let name = name.canonical
    guard isStored || (1...DNATerm.byteLimit).contains(name.utf8.count) && PlainText.holds(name) else {
      return note(path, name, "must have a name of 1 to \(DNATerm.byteLimit) bytes without control characters")
    }
    guard let value = DNAText.cleaned(value) else {
      return note(path, "\(value.kind.rawValue)", "must hold finite numbers and no control characters")
    }
    var json = JSONWriter()
    value.write(to: &json)
    guard isStored || json.count <= Self.openValueLimit else {
      return note(path, "\(json.count) bytes", "must have at most \(Self.openValueLimit) bytes as JSON")
    }
    let place = CreativeDNA.OpenName(group: group, name: name)
    guard dna.openFields[place] == nil else { return note(path, name, "must be given once") }
    guard isStored || dna.openFields.count < Self.openFieldLimit else {
      return note(path, name, "is one too many: at most \(Self.openFieldLimit) fields may be of no known kind")
    }
    dna.openFields[place] = value
  }

  mutating func finish() -> CreativeDNA {
    for (index, field) in DNAField.all.enumerated() {
      if let candidate = candidates[index] { set(field, candidate) }
    }
    dna.visual.nameOnce()
    return dna
  }

  private mutating func set(_ field: DNAField, _ given: Candidate) {
    switch field.kind {
    case .term(let path, let vocabulary): dna[keyPath: path] = term(given, vocabulary)
    case .text(let path, let limit): dna[keyPath: path] = text(given, limit)
    case .texts(let path): dna[keyPath: path] = texts(given)
    case .flag(let path):
      guard case .bool(let value) = given.value else { return refuse(given, "must be true or false") }
      dna[keyPath: path] = value
    case .number(let path, let range): dna[keyPath: path] = number(given, range)
    case .count(let path):
      guard let value = number(given, 0...1e12) else { return }
      guard let count = Int(exactly: value) else { return refuse(given, "must be a whole number") }
      dna[keyPath: path] = count
    }
  }

  private mutating func term(_ given: Candidate, _ vocabulary: DNAVocabulary) -> DNATerm? {
    guard let text = text(given, DNATerm.byteLimit) else { return nil }
    return vocabulary.term(text)
  }

  private mutating func text(_ given: Candidate, _ limit: Int) -> String? {
    guard case .string(let raw) = given.value else {
      refuse(given, "must be a string")
      return nil
    }
    return cleaned(raw, limit, given)
  }

  private mutating func cleaned(_ raw: String, _ limit: Int, _ given: Candidate) -> String? {
    guard let text = DNAText.cleaned(raw) else {
      note(given.path, raw, PlainText.rule)
      return nil
    }
    guard isStored || text.utf8.count <= limit else {
      note(given.path, text, "must have at most \(limit) bytes")
      return nil
    }
    return text.isEmpty ? nil : text
  }

  private mutating func texts(_ given: Candidate) -> [String] {
    let elements = given.value.arrayValue ?? [given.value]
    guard isStored || elements.count <= DNAField.listLimit else {
      refuse(given, "must have at most \(DNAField.listLimit) elements")
      return []
    }
    var texts: [String] = []
    for element in elements {
      guard case .string(let raw) = element else {
        refuse(given, "must be a list of strings")
        return []
      }
      if let text = cleaned(raw, DNAField.textLimit, given), !texts.contains(text) { texts.append(text) }
    }
    return texts
  }

  private mutating func number(_ given: Candidate, _ range: ClosedRange<Double>) -> Double? {
    guard let value = given.value.doubleValue else {
      refuse(given, "must be a number")
      return nil
    }
    guard isStored || range.contains(value) else {
      refuse(given, "must be \(DNAText.number(range.lowerBound)) to \(DNAText.number(range.upperBound))")
      return nil
    }
    // Zero has one sign, or two equal values would be written differently.
    return value == 0 ? 0 : value
  }

  private mutating func refuse(_ given: Candidate, _ rule: String) {
    switch given.value {
    case .string(let text), .number(let text): note(given.path, text, rule)
    case .bool(let value): note(given.path, "\(value)", rule)
    case .null, .array, .object: note(given.path, given.value.kind.rawValue, rule)
    }
  }

  private mutating func note(_ field: String, _ value: String, _ rule: String) {
    problems.append(FieldProblem(field: field, value: value, rule: rule))
  }
}

extension CreativeDNA.Visual {
  /// Sources that know styles alone give patterns as styles, and others give one thing as both.
  mutating func nameOnce() {
    if pattern == nil, let style, DNAVocabulary.patternsNamedAsStyles.contains(style.value) { pattern = style }
    if pattern == style { style = nil }
  }
}
