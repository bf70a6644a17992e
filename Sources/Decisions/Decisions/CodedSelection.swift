import Crypto
import Formats
import Values

/// A selection's JSON, written once: complete for the record, and without mere explanations for the caller.
package struct CodedSelection: Sendable {
  /// Every value on the way to the selection.
  package let complete: [UInt8]
  /// The ranges of the explanations in it, in order.
  let explanations: [Range<Int>]

  package var text: String { String(decoding: complete, as: UTF8.self) }

  /// SHA-256 of all of it, in hexadecimal digits.
  var sha256: String { Hex.text(SHA256.hash(data: complete)) }

  /// The answer of `select` where the decision is stored as `id`.
  func answer(_ id: DecisionID) -> [UInt8] {
    var json = JSONWriter()
    json.object { $0.member("decision_id", id.description) }
    var answer = json.bytes
    // The two objects are merged into one.
    answer[answer.count - 1] = UInt8(ascii: ",")
    answer.reserveCapacity(answer.count + complete.count)
    var position = 1
    for place in explanations {
      answer += complete[position..<place.lowerBound]
      position = place.upperBound
    }
    answer += complete[position...]
    return answer
  }
}

/// Writes the explanations of a selection, where they are wanted, and records their ranges.
struct Explanations {
  let isWanted: Bool
  private(set) var places: [Range<Int>] = []

  init(isWanted: Bool) {
    self.isWanted = isWanted
  }

  /// Writes a member that is not the first of its object, so that the object is valid without it.
  mutating func write(_ key: StaticString, to json: inout JSONWriter, _ body: (inout JSONWriter) -> Void) {
    guard isWanted else { return }
    let start = json.count
    json.key(key)
    body(&json)
    places.append(start..<json.count)
  }
}
