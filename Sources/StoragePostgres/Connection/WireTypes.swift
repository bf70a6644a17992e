/// PostgreSQL's built-in types that this driver reads and sends, by their OIDs in `pg_type`.
enum WireType: UInt32 {
  case bool = 16
  case bytea = 17
  case name = 19
  case int8 = 20
  case int2 = 21
  case int4 = 23
  case text = 25
  case oid = 26
  case json = 114
  case float4 = 700
  case float8 = 701
  case unknown = 705
  case bpchar = 1_042
  case varchar = 1_043
  case date = 1_082
  case timestamptz = 1_184
  case numeric = 1_700
  case void = 2_278
  case uuid = 2_950
  case jsonb = 3_802
}

/// The epoch of PostgreSQL's days and microseconds: 2000-01-01.
enum WireEpoch {
  /// Days from 1970-01-01.
  static let days = 10_957
  /// Microseconds from 1970-01-01.
  static let microseconds: Int64 = 946_684_800_000_000
}
