/// Converts floating point to integers without ever trapping.
///
/// The standard library's `init(exactly:)` does not trap either: it is nil for any value that is not a whole number of
/// the type.
extension FixedWidthInteger {
  /// Truncates the fraction and clamps to the type's range: the nearest bound for a value outside it, 0 for NaN.
  @inlinable
  public init(clamping value: Double) {
    // Most numbers fit into 64 bits, which convert in one instruction; the standard library's generic conversion is a
    // loop.
    if value.magnitude < 0x1p62 {
      self.init(clamping: Int64(exactly: value.rounded(.towardZero)) ?? 0)
    } else if value.isNaN {
      self = 0
    } else {
      self = Self(exactly: value.rounded(.towardZero)) ?? (value < 0 ? .min : .max)
    }
  }
}

extension Double {
  /// The number itself where it is finite, the nearest finite number for an infinity, and 0 for NaN.
  @inlinable
  public var finite: Double {
    isNaN ? 0 : Swift.min(Swift.max(self, -.greatestFiniteMagnitude), .greatestFiniteMagnitude)
  }
}

// The standard library's conversions trap where a number does not fit. The declarations below shadow them in every file
// that imports this module: using one is a deprecation warning, and warnings are errors in this package.

extension Int {
  /// Does what `init(clamping:)` does.
  @available(*, deprecated, message: "say what becomes of numbers that do not fit: init(clamping:) or init(exactly:)")
  @inlinable
  public init(_ value: Double) { self.init(clamping: value) }

  /// Does what `init(clamping:)` does.
  @available(*, deprecated, message: "say what becomes of numbers that do not fit: init(clamping:) or init(exactly:)")
  @inlinable
  public init(_ value: Float) { self.init(clamping: Double(value)) }
}

extension Int8 {
  /// Does what `init(clamping:)` does.
  @available(*, deprecated, message: "say what becomes of numbers that do not fit: init(clamping:) or init(exactly:)")
  @inlinable
  public init(_ value: Double) { self.init(clamping: value) }

  /// Does what `init(clamping:)` does.
  @available(*, deprecated, message: "say what becomes of numbers that do not fit: init(clamping:) or init(exactly:)")
  @inlinable
  public init(_ value: Float) { self.init(clamping: Double(value)) }
}

extension Int16 {
  /// Does what `init(clamping:)` does.
  @available(*, deprecated, message: "say what becomes of numbers that do not fit: init(clamping:) or init(exactly:)")
  @inlinable
  public init(_ value: Double) { self.init(clamping: value) }

  /// Does what `init(clamping:)` does.
  @available(*, deprecated, message: "say what becomes of numbers that do not fit: init(clamping:) or init(exactly:)")
  @inlinable
  public init(_ value: Float) { self.init(clamping: Double(value)) }
}

extension Int32 {
  /// Does what `init(clamping:)` does.
  @available(*, deprecated, message: "say what becomes of numbers that do not fit: init(clamping:) or init(exactly:)")
  @inlinable
  public init(_ value: Double) { self.init(clamping: value) }

  /// Does what `init(clamping:)` does.
  @available(*, deprecated, message: "say what becomes of numbers that do not fit: init(clamping:) or init(exactly:)")
  @inlinable
  public init(_ value: Float) { self.init(clamping: Double(value)) }
}

extension Int64 {
  /// Does what `init(clamping:)` does.
  @available(*, deprecated, message: "say what becomes of numbers that do not fit: init(clamping:) or init(exactly:)")
  @inlinable
  public init(_ value: Double) { self.init(clamping: value) }

  /// Does what `init(clamping:)` does.
  @available(*, deprecated, message: "say what becomes of numbers that do not fit: init(clamping:) or init(exactly:)")
  @inlinable
  public init(_ value: Float) { self.init(clamping: Double(value)) }
}

extension UInt {
  /// Does what `init(clamping:)` does.
  @available(*, deprecated, message: "say what becomes of numbers that do not fit: init(clamping:) or init(exactly:)")
  @inlinable
  public init(_ value: Double) { self.init(clamping: value) }

  /// Does what `init(clamping:)` does.
  @available(*, deprecated, message: "say what becomes of numbers that do not fit: init(clamping:) or init(exactly:)")
  @inlinable
  public init(_ value: Float) { self.init(clamping: Double(value)) }
}

extension UInt8 {
  /// Does what `init(clamping:)` does.
  @available(*, deprecated, message: "say what becomes of numbers that do not fit: init(clamping:) or init(exactly:)")
  @inlinable
  public init(_ value: Double) { self.init(clamping: value) }

  /// Does what `init(clamping:)` does.
  @available(*, deprecated, message: "say what becomes of numbers that do not fit: init(clamping:) or init(exactly:)")
  @inlinable
  public init(_ value: Float) { self.init(clamping: Double(value)) }
}

extension UInt16 {
  /// Does what `init(clamping:)` does.
  @available(*, deprecated, message: "say what becomes of numbers that do not fit: init(clamping:) or init(exactly:)")
  @inlinable
  public init(_ value: Double) { self.init(clamping: value) }

  /// Does what `init(clamping:)` does.
  @available(*, deprecated, message: "say what becomes of numbers that do not fit: init(clamping:) or init(exactly:)")
  @inlinable
  public init(_ value: Float) { self.init(clamping: Double(value)) }
}

extension UInt32 {
  /// Does what `init(clamping:)` does.
  @available(*, deprecated, message: "say what becomes of numbers that do not fit: init(clamping:) or init(exactly:)")
  @inlinable
  public init(_ value: Double) { self.init(clamping: value) }

  /// Does what `init(clamping:)` does.
  @available(*, deprecated, message: "say what becomes of numbers that do not fit: init(clamping:) or init(exactly:)")
  @inlinable
  public init(_ value: Float) { self.init(clamping: Double(value)) }
}

extension UInt64 {
  /// Does what `init(clamping:)` does.
  @available(*, deprecated, message: "say what becomes of numbers that do not fit: init(clamping:) or init(exactly:)")
  @inlinable
  public init(_ value: Double) { self.init(clamping: value) }

  /// Does what `init(clamping:)` does.
  @available(*, deprecated, message: "say what becomes of numbers that do not fit: init(clamping:) or init(exactly:)")
  @inlinable
  public init(_ value: Float) { self.init(clamping: Double(value)) }
}
