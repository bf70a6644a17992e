import Logging
import Storage

extension Database {
  /// Logs as a process starts whether the database can be written. The process goes on: `/readyz` says when it can.
  func reportWhetherWritable(to logger: Logger) async {
    do {
      try await checkWritable()
    } catch {
      logger.error("nothing can be written", metadata: ["error": "\(error)"])
    }
  }
}
