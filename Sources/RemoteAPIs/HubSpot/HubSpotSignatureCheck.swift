import Values

/// Checks whether a request comes from HubSpot: signed with one of the app's secrets, and recently.
public struct HubSpotSignatureCheck: Sendable {
  /// How far the time of signing may be from now, in seconds, in either direction.
  public static let window: Int64 = 300

  /// The most secrets accepted at once: while one is being replaced there are two.
  public static let largestSecretCount = 64

  /// The parts of a request that the check needs.
  public struct Request: Equatable, Sendable {
    /// The method in capitals.
    public var method: String
    /// The query as received, without the question mark; nil where the URL has none.
    public var query: String?
    /// The body's bytes as received.
    public var body: [UInt8]
    /// The header `X-HubSpot-Signature-v3`.
    public var signatureV3: String?
    /// The header `X-HubSpot-Request-Timestamp`.
    public var timestamp: String?
    /// The header `X-HubSpot-Signature`, which holds v1 or v2.
    public var signature: String?
    /// The header `X-HubSpot-Signature-Version`; v1 where it is missing.
    public var signatureVersion: String?

    public init(
      method: String, query: String?, body: [UInt8], signatureV3: String? = nil, timestamp: String? = nil,
      signature: String? = nil, signatureVersion: String? = nil
    ) {
      self.method = method
      self.query = query
      self.body = body
      self.signatureV3 = signatureV3
      self.timestamp = timestamp
      self.signature = signature
      self.signatureVersion = signatureVersion
    }
  }

  /// How a request was authenticated.
  public struct Match: Equatable, Sendable {
    public let version: HubSpotSignature.Version
    /// The index of the matching secret.
    public let secret: Int
  }

  private let publicURL: String
  private let secrets: [Secret]
  private let olderVersions: Set<HubSpotSignature.Version>
  private let now: @Sendable () -> Instant

  /// Makes a check of requests to `publicURL`, the target URL as configured in HubSpot, without a query.
  ///
  /// It does not matter how a proxy rewrites the URL: HubSpot signs the one that it calls.
  /// v3 is always accepted; `olderVersions` are the others that are, for requests without a v3 signature.
  /// Throws `HubSpotSignatureError.unusable` for an invalid URL, and unless there are 1 to 64 secrets.
  public init(
    publicURL: String, secrets: [Secret], olderVersions: Set<HubSpotSignature.Version> = [],
    now: @escaping @Sendable () -> Instant
  ) throws(HubSpotSignatureError) {
    guard Self.isUsable(publicURL: publicURL) else { throw .unusable("the public address \(Self.publicURLRule)") }
    guard (1...Self.largestSecretCount).contains(secrets.count), secrets.allSatisfy({ !$0.text.isEmpty })
    else { throw .unusable("there must be 1 to \(Self.largestSecretCount) client secrets, none of them empty") }
    self.publicURL = publicURL
    self.secrets = secrets
    self.olderVersions = olderVersions
    self.now = now
  }

  /// What a public address must be.
  public static let publicURLRule = "must begin with http:// or https:// and have no query, fragment or blanks"

  /// Whether signatures can be checked against a public address.
  public static func isUsable(publicURL: String) -> Bool {
    (publicURL.hasPrefix("https://") || publicURL.hasPrefix("http://"))
      && !publicURL.contains { $0 == "?" || $0 == "#" || $0.isWhitespace }
  }

  /// Finds the secret with which the request was signed. Throws `HubSpotSignatureError` where there is none.
  public func match(_ request: Request) throws(HubSpotSignatureError) -> Match {
    let (version, signature) = try claim(of: request)
    let timestamp = version == .v3 ? try freshTimestamp(request.timestamp) : ""
    let content = HubSpotSignature.Content(
      method: request.method, uri: publicURL + (request.query.map { "?" + $0 } ?? ""), body: request.body,
      timestamp: timestamp)
    var found: Int?
    // All secrets are always compared: the time taken must not reveal which one matches.
    for (index, secret) in secrets.enumerated() {
      let expected = HubSpotSignature.text(version, of: content, secret: secret)
      if Secret(expected).isSame(as: signature), found == nil { found = index }
    }
    guard let found else { throw .mismatch }
    return Match(version: version, secret: found)
  }

  /// The signature to check: v3 wherever there is one, so that an older one cannot replace a wrong one.
  private func claim(
    of request: Request
  ) throws(HubSpotSignatureError) -> (version: HubSpotSignature.Version, signature: String) {
    if let signature = request.signatureV3 { return (.v3, signature) }
    guard let signature = request.signature else { throw .missing }
    let name = request.signatureVersion ?? "v1"
    guard let version = HubSpotSignature.Version(rawValue: name), version != .v3, olderVersions.contains(version)
    else { throw .versionNotAccepted(String(name.prefix(20))) }
    return (version, signature)
  }

  private func freshTimestamp(_ text: String?) throws(HubSpotSignatureError) -> String {
    guard let text else { throw .missingTimestamp }
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard text.utf8.count == 13, text.utf8.allSatisfy(digits.contains), let milliseconds = Int64(text)
    else { throw .malformedTimestamp }
    let age = now().microseconds - milliseconds * 1_000
    guard age <= Self.window * 1_000_000 else { throw .stale(seconds: age / 1_000_000) }
    guard age >= -Self.window * 1_000_000 else { throw .fromFuture(seconds: -age / 1_000_000) }
    return text
  }
}

/// Why a request is not accepted as HubSpot's.
public enum HubSpotSignatureError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The check cannot be made; the text says what is wrong with its settings.
  case unusable(String)
  /// The request has no signature.
  case missing
  case versionNotAccepted(String)
  /// The time of a v3 signature is missing.
  case missingTimestamp
  /// The time is not thirteen decimal digits.
  case malformedTimestamp
  /// The request was signed too long ago.
  case stale(seconds: Int64)
  /// The request was signed in the future.
  case fromFuture(seconds: Int64)
  /// The signature matches none of the secrets, or is for another URL or body.
  case mismatch

  /// What is wrong and, where there is something to do, what to do.
  public var description: String {
    switch self {
    case .unusable(let reason): reason
    case .missing: "the request has no HubSpot signature"
    case .versionNotAccepted(let version):
      "signatures of version \(version) are not accepted: v3 is, and v1 where HUBSPOT_ACCEPT_SIGNATURE_V1 is true"
    case .missingTimestamp: "X-HubSpot-Request-Timestamp is missing"
    case .malformedTimestamp: "X-HubSpot-Request-Timestamp must be 13 decimal digits"
    case .stale(let seconds): "the request was signed \(seconds) s ago; the clock is wrong, or it is a replay"
    case .fromFuture(let seconds): "the request was signed \(seconds) s in the future; the clock may be wrong"
    case .mismatch: "the signature matches no client secret; check the secret and that the public address is exact"
    }
  }
}
