import Formats
import Values
import Web

/// Who changed something: the holder of an API key, a person at the command line, or this system by itself.
package struct AuditActor: Hashable, Sendable, CustomStringConvertible {
  /// This system by itself.
  package static let system = AuditActor(text: "system")

  /// The key's id, `cli:USER` or `system`, of at most 200 bytes.
  package let description: String

  /// The holder of the key of this id.
  package static func key(_ id: String) -> AuditActor { AuditActor(text: id) }

  /// A person at the command line, by the name that the operating system knows.
  package static func commandLine(user: String) -> AuditActor { AuditActor(text: "cli:\(user)") }

  private init(text: String) {
    description = String(decoding: text.utf8.prefix(200), as: UTF8.self)
  }
}

extension Principal {
  /// The caller as the audit log names it.
  package var actor: AuditActor { .key(keyID) }
}

/// What the audit log keeps.
package enum AuditAction: String, Hashable, Sendable, CaseIterable {
  /// An account was made.
  case accountCreated = "account_created"
  /// An account's keys are refused and its jobs wait.
  case accountDisabled = "account_disabled"
  /// An account works again.
  case accountEnabled = "account_enabled"
  /// An account may send more or fewer requests.
  case requestRateChanged = "request_rate_changed"
  /// An account may keep more or less.
  case quotasChanged = "quotas_changed"
  /// All that is kept of an account was handed over.
  case accountExported = "account_exported"
  /// An account's decisions are kept longer or shorter.
  case decisionRetentionChanged = "decision_retention_changed"
  /// What an account's decisions are made by was changed.
  case configurationChanged = "configuration_changed"
  /// An API key was made.
  case keyCreated = "key_created"
  /// An API key ends, at once or after a time of grace.
  case keyRevoked = "key_revoked"
  /// A HubSpot portal was given to an account.
  case portalMapped = "portal_mapped"
  /// An account was tied to an ad account at Meta.
  case metaConnected = "meta_connected"
  /// An account is no longer tied to an ad account at Meta.
  case metaDisconnected = "meta_disconnected"
  /// A job is to run now.
  case jobRetried = "job_retried"
  /// A job was cancelled.
  case jobCancelled = "job_cancelled"
  /// Somebody named the ad that brought a deal.
  case attributionStated = "attribution_stated"
  /// Somebody said that an ad runs.
  case adActivated = "ad_activated"
  /// Somebody said that an ad does not run for now.
  case adPaused = "ad_paused"
  /// What an account's changes are held to was changed.
  case executionSettingsChanged = "execution_settings_changed"
  /// Nothing more is written at the platform, for the account or for all.
  case executionStopped = "execution_stopped"
  /// Changes are written again.
  case executionResumed = "execution_resumed"
  /// A person wants a change applied.
  case changeApproved = "change_approved"
  /// A person does not want a change.
  case changeRejected = "change_rejected"
  /// A person wants a change taken back.
  case changeRollbackRequested = "change_rollback_requested"
  /// Somebody wants a video to become a paused ad.
  case launchRequested = "launch_requested"
  /// Somebody has a launch go on that had failed.
  case launchRetried = "launch_retried"
  /// A launch has made its ad, or went no further.
  case launchEnded = "launch_ended"
}

/// One line of an account's audit log.
package struct AuditEntry: Hashable, Sendable {
  /// Sorts by the time of its making.
  package let id: TimedID
  /// When.
  package let at: Instant
  /// Who: a key's id, `cli:USER` or `system`.
  package let actor: String
  /// What was done.
  package let action: String
  /// To what, such as a key's or a job's id.
  package let subject: String
  /// What was there before, as JSON; nil for nothing.
  package let before: String?
  /// What is there since, as JSON; nil for nothing.
  package let after: String?
  /// Its number in the account's log, from 1; nil for lines from before they were chained, which come first.
  package var line: Int?
  /// Its hash: see ``AuditHead``; nil for lines from before they were chained.
  package var hash: String?
}

/// Values of the audit log as bounded JSON.
enum AuditValue {
  /// The longest value that is kept, in bytes of JSON.
  static let limit = 65_536

  static func text(_ value: JSONValue) -> String {
    var json = JSONWriter()
    value.write(to: &json)
    guard json.bytes.count > limit else { return json.string }
    return #"{"omitted_bytes":\#(json.bytes.count)}"#
  }
}
