import Values

/// The decimal sign of a number.
package enum DecimalSign: String, Hashable, Sendable, CaseIterable {
  /// 1,234.56
  case point
  /// 1.234,56
  case comma

  fileprivate var byte: UInt8 { self == .point ? UInt8(ascii: ".") : UInt8(ascii: ",") }

  /// The other sign, which separates thousands.
  var other: DecimalSign { self == .point ? .comma : .point }
}

/// A number as written by programs and people: with a decimal sign, thousands separators and a currency.
struct NumberText {
  /// The text beside the number, such as `$` or `EUR`; empty where there is none.
  let unit: String
  /// Digits, points and commas; any other thousands separator is `_`.
  private let core: [UInt8]
  private let isNegative: Bool

  /// Nil where the text is not a number, whatever its signs mean.
  init?(_ text: String) {
    var unit = String.UnicodeScalarView()
    var core: [UInt8] = []
    var isNegative = false
    var isGroup = false
    var isOver = false
    for scalar in text.unicodeScalars {
      switch scalar {
      case "0"..."9":
        guard !isOver else { return nil }
        if isGroup { core.append(Self.groupMark) }
        isGroup = false
        core.append(UInt8(ascii: scalar))
      case ".", ",":
        if core.isEmpty && unit.last?.properties.isAlphabetic == true || isOver {
          unit.append(scalar)
        } else {
          core.append(UInt8(ascii: scalar))
        }
      case "'", "\u{2019}", " ", "\u{A0}", "\u{202F}", "\u{2009}": isGroup = !core.isEmpty && !isOver
      case "-", "\u{2212}":
        guard core.isEmpty, !isNegative else { return nil }
        isNegative = true
      case "+": guard core.isEmpty else { return nil }
      default:
        isOver = !core.isEmpty
        isGroup = false
        unit.append(scalar)
        guard unit.count <= Self.longestUnit else { return nil }
      }
    }
    guard core.contains(where: Self.isDigit) else { return nil }
    self.unit = String(unit)
    self.core = core
    self.isNegative = isNegative
  }

  /// The amount if `sign` is the decimal sign; nil where the number is not valid with it.
  func amount(_ sign: DecimalSign) -> Money? {
    let parts = core.split(separator: sign.byte, omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = Self.whole(parts[0], mark: sign.other.byte) else { return nil }
    var text = (isNegative ? "-" : "") + whole
    // Some programs write 144 as `144.`, with no decimals after the sign.
    if parts.count == 2, !parts[1].isEmpty {
      guard parts[1].allSatisfy(Self.isDigit) else { return nil }
      text += "." + String(decoding: parts[1], as: UTF8.self)
    }
    return Money(decimal: text)
  }

  /// The digits before the decimals; nil where the separators do not separate thousands.
  ///
  /// `12,34,567`, as in India, has groups of two before the last one.
  private static func whole(_ text: ArraySlice<UInt8>, mark: UInt8) -> String? {
    let hasMark = text.contains(mark)
    guard !(hasMark && text.contains(groupMark)) else { return nil }
    let groups = text.split(separator: hasMark ? mark : groupMark, omittingEmptySubsequences: false)
    guard groups.allSatisfy({ $0.allSatisfy(isDigit) }) else { return nil }
    if groups.count > 1 {
      guard let first = groups.first, let last = groups.last, (1...3).contains(first.count), last.count == 3,
        first.first != UInt8(ascii: "0")
      else { return nil }
      let middle = groups.dropFirst().dropLast()
      guard middle.allSatisfy({ $0.count == 3 }) || first.count < 3 && middle.allSatisfy({ $0.count == 2 }) else {
        return nil
      }
    }
    let digits = String(decoding: groups.joined(), as: UTF8.self)
    return digits.isEmpty ? "0" : digits
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  private static let groupMark = UInt8(ascii: "_")
  private static let longestUnit = 6
}

extension NumberText {
  /// What a cell shows about the decimal sign of its file.
  enum Evidence: Equatable {
    /// It reads the same either way, or is not a number.
    case none
    case shows(DecimalSign)
    /// `1,234` or `1.234`, which mean different numbers.
    case either
  }

  /// Examines a cell of a column of the given kind.
  ///
  /// A count has no decimals, so a single sign in it separates thousands; a mean of small numbers has no thousands.
  static func evidence(_ text: String, _ kind: ImportField.Kind) -> Evidence {
    guard let evidence = plainEvidence(text) ?? spelledEvidence(text) else { return .none }
    guard evidence == .either else { return evidence }
    let sign: DecimalSign = text.utf8.contains(DecimalSign.comma.byte) ? .comma : .point
    switch kind {
    case .count: return .shows(sign.other)
    case .ratio: return .shows(sign)
    case .text, .amount: return .either
    }
  }

  /// The fast path for digits with at most one point; nil for any other text.
  private static func plainEvidence(_ text: String) -> Evidence? {
    var whole = 0
    var decimals: Int?
    for byte in text.utf8 {
      if isDigit(byte) {
        if let count = decimals { decimals = count + 1 } else { whole += 1 }
      } else if byte == DecimalSign.point.byte, decimals == nil {
        decimals = 0
      } else {
        return nil
      }
    }
    guard let decimals else { return Evidence.none }
    let mayBeThousands = decimals == 3 && (1...3).contains(whole) && text.utf8.first != UInt8(ascii: "0")
    return mayBeThousands ? .either : .shows(.point)
  }

  private static func spelledEvidence(_ text: String) -> Evidence? {
    guard let number = NumberText(text) else { return nil }
    switch (number.amount(.point), number.amount(.comma)) {
    case (nil, nil): return Evidence.none
    case (_, nil): return .shows(.point)
    case (nil, _): return .shows(.comma)
    case (let point, let comma): return point == comma ? Evidence.none : .either
    }
  }
}
