import Logging
import Storage

extension Database {
  /// Logs when a process starts that the database cannot be written. The process continues: `/readyz` reports when it
  /// can.
  func reportWhetherWritable(to logger: Logger) async {
    do {
      try await checkWritable()
    } catch {
      logger.error("nothing can be written", metadata: ["error": "\(error)"])
    }
  }
}
