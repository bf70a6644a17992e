import Formats
import Values
import Web

/// Who changed something: the holder of an API key, a person using a command, or the system itself.
package struct AuditActor: Hashable, Sendable, CustomStringConvertible {
  /// The system itself.
  package static let system = AuditActor(text: "system")

  /// The key's id, `cli:USER` or `system`, at most 200 bytes.
  package let description: String

  /// The holder of the key of this id.
  package static func key(_ id: String) -> AuditActor { AuditActor(text: id) }

  /// A person using a command, by their user name in the operating system.
  package static func commandLine(user: String) -> AuditActor { AuditActor(text: "cli:\(user)") }

  private init(text: String) {
    description = String(decoding: text.utf8.prefix(200), as: UTF8.self)
  }
}

extension Principal {
  /// The caller as named in the audit log.
  package var actor: AuditActor { .key(keyID) }
}

/// The actions that the audit log records.
package enum AuditAction: String, Hashable, Sendable, CaseIterable {
  /// An account was created.
  case accountCreated = "account_created"
  /// An account was disabled: its keys are refused and its jobs wait.
  case accountDisabled = "account_disabled"
  /// An account was enabled again.
  case accountEnabled = "account_enabled"
  /// An account's request rate was changed.
  case requestRateChanged = "request_rate_changed"
  /// An account's quotas were changed.
  case quotasChanged = "quotas_changed"
  /// All of an account's data was exported.
  case accountExported = "account_exported"
  /// How long an account's decisions are kept was changed.
  case decisionRetentionChanged = "decision_retention_changed"
  /// An account's configuration was changed.
  case configurationChanged = "configuration_changed"
  /// An API key was created.
  case keyCreated = "key_created"
  /// An API key was revoked, at once or after a grace period.
  case keyRevoked = "key_revoked"
  /// A HubSpot portal was mapped to an account.
  case portalMapped = "portal_mapped"
  /// An account was connected with an ad account at Meta.
  case metaConnected = "meta_connected"
  /// An account was disconnected from its ad account at Meta.
  case metaDisconnected = "meta_disconnected"
  /// A job was retried.
  case jobRetried = "job_retried"
  /// A job was cancelled.
  case jobCancelled = "job_cancelled"
  /// Somebody stated the ad that brought a deal.
  case attributionStated = "attribution_stated"
  /// Somebody stated that an ad runs.
  case adActivated = "ad_activated"
  /// Somebody stated that an ad does not run for now.
  case adPaused = "ad_paused"
  /// An account's execution settings were changed.
  case executionSettingsChanged = "execution_settings_changed"
  /// Execution was stopped, for the account or for all accounts.
  case executionStopped = "execution_stopped"
  /// Execution was resumed.
  case executionResumed = "execution_resumed"
  /// A person approved a change.
  case changeApproved = "change_approved"
  /// A person rejected a change.
  case changeRejected = "change_rejected"
  /// A person requested that a change be undone.
  case changeRollbackRequested = "change_rollback_requested"
  /// Somebody requested a launch.
  case launchRequested = "launch_requested"
  /// Somebody retried a failed launch.
  case launchRetried = "launch_retried"
  /// A launch has created its ad, or ended without one.
  case launchEnded = "launch_ended"
}

/// One line of an account's audit log.
package struct AuditEntry: Hashable, Sendable {
  /// Sorts by creation time.
  package let id: TimedID
  /// When.
  package let at: Instant
  /// Who: a key's id, `cli:USER` or `system`.
  package let actor: String
  /// What was done.
  package let action: String
  /// To what, such as a key's or a job's id.
  package let subject: String
  /// The value before the change, as JSON; nil for none.
  package let before: String?
  /// The value after the change, as JSON; nil for none.
  package let after: String?
  /// Its number in the account's log, from 1; nil for lines older than the chain, which come first.
  package var line: Int?
  /// Its hash: see ``AuditHead``; nil for lines older than the chain.
  package var hash: String?
}

/// Values of the audit log as bounded JSON.
enum AuditValue {
  /// The longest value that is stored, in bytes of JSON.
  static let limit = 65_536

  static func text(_ value: JSONValue) -> String {
    var json = JSONWriter()
    value.write(to: &json)
    guard json.bytes.count > limit else { return json.string }
    return #"{"omitted_bytes":\#(json.bytes.count)}"#
  }
}
