import Database
import Logging

extension Database {
  /// Logs what an operator should know about the database as a process starts on it. The process goes on: `/readyz`
  /// says when the database can be written.
  func warn(_ logger: Logger) async {
    for warning in warnings { logger.warning("\(warning)") }
    do {
      try await checkWritable()
    } catch {
      logger.warning("the database cannot be used yet", metadata: ["error": "\(error)"])
    }
  }
}
