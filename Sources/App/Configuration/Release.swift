/// This release of the program.
package enum Release {
  /// The version, by semantic versioning.
  package static let version = "0.1.0"
}
