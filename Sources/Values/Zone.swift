import Foundation
import Synchronization

/// A time zone by its IANA name, such as `Europe/Berlin`.
public struct Zone: Hashable, Sendable, CustomStringConvertible {
  /// Coordinated universal time: no offset and no clock changes.
  public static let utc = Zone(name: "UTC", zone: .gmt)

  /// The IANA name.
  public let name: String
  private let zone: TimeZone

  /// The zones asked for so far, by name: each is looked up in the zone data once.
  private static let known = Mutex<[String: TimeZone]>([:])

  /// Returns nil where `name` is not an IANA name that this machine has zone data for.
  public init?(_ name: String) {
    let known = Self.known.withLock { $0[name] }
    guard let zone = known ?? Self.load(name) else { return nil }
    if known == nil { Self.known.withLock { $0[name] = zone } }
    self.init(name: name, zone: zone)
  }

  private init(name: String, zone: TimeZone) {
    self.name = name
    self.zone = zone
  }

  public var description: String { name }

  /// Compares by name.
  public static func == (left: Zone, right: Zone) -> Bool { left.name == right.name }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }

  /// Seconds by which local clocks are ahead of UTC at `instant`.
  public func offset(at instant: Instant) -> Int64 {
    Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.seconds))))
  }

  /// The first moment at which local clocks show `local`, which was read as if it were UTC; where a clock change skips
  /// `local`, the moment of the change.
  public func firstMoment(ofLocal local: Instant) -> Instant {
    // The moment is less than a day from `local`, and at most one clock change lies within two days of it.
    let (start, end) = (local.adding(seconds: -86_400), local.adding(seconds: 86_400))
    let candidates = [offset(at: start), offset(at: end)].map { local.adding(seconds: -$0) }
    let moments = candidates.filter { $0.adding(seconds: offset(at: $0)) == local }
    return moments.min() ?? change(after: start, upTo: end)
  }

  /// The moment of the one clock change in a span of time.
  private func change(after start: Instant, upTo end: Instant) -> Instant {
    let before = offset(at: start)
    var (last, first) = (start.seconds, end.seconds)
    while last + 1 < first {
      let middle = last + (first - last) / 2
      if offset(at: Instant(seconds: middle)) == before { last = middle } else { first = middle }
    }
    return Instant(seconds: first)
  }

  /// Foundation's own list omits names that the zone data holds as links, such as `Asia/Kolkata`, while its loader
  /// accepts abbreviations and offsets, such as `PST` and `GMT+0530`, which are not IANA names. A name with a slash is
  /// an IANA name wherever it loads; a name without one is an IANA name where the zone data has a file of that name.
  private static func load(_ name: String) -> TimeZone? {
    guard name.utf8.allSatisfy({ isLetterOfName($0) }), let zone = TimeZone(identifier: name) else { return nil }
    let isName =
      name.contains("/") || ["UTC", "GMT"].contains(name)
      || FileManager.default.fileExists(atPath: "/usr/share/zoneinfo/\(name)")
    return isName ? zone : nil
  }

  private static func isLetterOfName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "+"),
      UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
