import Synchronization
import Values
import Web

/// An API key as in lists: everything except the key itself, of which only a hash is stored.
package struct APIKey: Hashable, Sendable {
  /// Its public id, a part of the key's text.
  package let id: String
  /// What its holder may do.
  package let role: Role
  /// A name for people, at most ``nameLimit`` characters; may be empty.
  package let name: String
  /// When it was made.
  package let createdAt: Instant
  /// When it was last used, to the minute; nil for never.
  package let lastUsedAt: Instant?
  /// The moment from which it is refused; nil for never.
  package let expiresAt: Instant?
  /// When it was revoked; nil where it was not.
  package let revokedAt: Instant?

  /// The longest name, in characters.
  package static let nameLimit = 100
  /// The most keys of an account that are not revoked.
  package static let countLimit = 1_000

  /// Whether it is refused at `now`.
  package func isEnded(at now: Instant) -> Bool {
    revokedAt != nil || expiresAt.map { $0 <= now } ?? false
  }
}

/// The properties of a new key.
package struct APIKeyDraft: Hashable, Sendable {
  /// What its holder may do.
  package var role: Role
  /// A name for people.
  package var name: String
  /// The moment from which it is refused; nil for never.
  package var expiresAt: Instant?

  package init(role: Role, name: String = "", expiresAt: Instant? = nil) {
    self.role = role
    self.name = name
    self.expiresAt = expiresAt
  }
}

/// A key that was just created, with its text, which is never shown again.
package struct NewAPIKey: Sendable {
  /// The key's public id.
  package let id: String
  /// The key's text, `gv_ID_SECRET`.
  package let token: String

  /// Generates a key. Its secret has 256 random bits, so it cannot be recovered from a plain SHA-256.
  init() {
    var generator = SystemRandomNumberGenerator()
    id = Hex.text((0..<8).map { _ in UInt8.random(in: 0...255, using: &generator) })
    token = "gv_\(id)_" + Hex.text((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
  }
}

/// What is known of a key that was sent.
struct KnownKey: Sendable {
  let principal: Principal
  let state: KeyState
  let rate: RequestRate
}

/// The state of a key that is not revoked.
struct KeyState: Hashable, Sendable {
  let expiresAt: Instant?
  let isAccountDisabled: Bool
}

/// When each key was used, until that is stored.
final class KeyUses: Sendable {
  private let uses = Mutex<[Principal: Instant]>([:])

  func note(_ principal: Principal, at now: Instant) {
    uses.withLock { $0[principal] = now }
  }

  /// All uses since the last call.
  func take() -> [Principal: Instant] {
    uses.withLock { uses in
      defer { uses = [:] }
      return uses
    }
  }

  /// Puts uses back that could not be stored; later ones of the same keys stay.
  func putBack(_ taken: [Principal: Instant]) {
    uses.withLock { $0.merge(taken) { later, _ in later } }
  }
}
