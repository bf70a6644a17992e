import Synchronization
import Values
import Web

/// An API key as lists show it: everything but the key itself, of which only a hash is kept.
package struct APIKey: Hashable, Sendable {
  /// Its public id, a part of the key's text.
  package let id: String
  /// What its holder may do.
  package let role: Role
  /// What people call it, of at most ``nameLimit`` characters; may be empty.
  package let name: String
  /// When it was made.
  package let createdAt: Instant
  /// When it was last used, to the minute; nil for never.
  package let lastUsedAt: Instant?
  /// From when it is refused; nil for never.
  package let expiresAt: Instant?
  /// When somebody ended it; nil where nobody has.
  package let revokedAt: Instant?

  /// How long a name may be, in characters.
  package static let nameLimit = 100
  /// How many keys that are not revoked an account may have.
  package static let countLimit = 1_000

  /// Whether it is refused at `now`.
  package func isEnded(at now: Instant) -> Bool {
    revokedAt != nil || expiresAt.map { $0 <= now } ?? false
  }
}

/// What a new key is to be.
package struct APIKeyDraft: Hashable, Sendable {
  /// What its holder may do.
  package var role: Role
  /// What people call it.
  package var name: String
  /// From when it is refused; nil for never.
  package var expiresAt: Instant?

  /// Takes the parts.
  package init(role: Role, name: String = "", expiresAt: Instant? = nil) {
    self.role = role
    self.name = name
    self.expiresAt = expiresAt
  }
}

/// A key that was just made, with the text that is told nobody again.
package struct NewAPIKey: Sendable {
  /// The key's public id.
  package let id: String
  /// The key's text, `gv_ID_SECRET`.
  package let token: String

  /// Draws a key. Its secret has 256 random bits, so a plain SHA-256 of it cannot be guessed back.
  init() {
    var generator = SystemRandomNumberGenerator()
    id = Hex.text((0..<8).map { _ in UInt8.random(in: 0...255, using: &generator) })
    token = "gv_\(id)_" + Hex.text((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
  }
}

/// What is known of a key that was shown.
struct KnownKey: Sendable {
  let principal: Principal
  let standing: KeyStanding
  let rate: RequestRate
}

/// How a key that is not revoked stands.
struct KeyStanding: Hashable, Sendable {
  let expiresAt: Instant?
  let isAccountDisabled: Bool
}

/// When each key was used, until that is recorded.
final class KeyUses: Sendable {
  private let uses = Mutex<[Principal: Instant]>([:])

  func note(_ principal: Principal, at now: Instant) {
    uses.withLock { $0[principal] = now }
  }

  /// All uses since the last time this was called.
  func take() -> [Principal: Instant] {
    uses.withLock { uses in
      defer { uses = [:] }
      return uses
    }
  }

  /// Takes uses back that could not be recorded; later ones of the same keys stay.
  func putBack(_ taken: [Principal: Instant]) {
    uses.withLock { $0.merge(taken) { later, _ in later } }
  }
}
