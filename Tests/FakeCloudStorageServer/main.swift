import FakeCloudStorage
import Foundation

// Serves a Cloud Storage in memory on a free port of this machine until it is told to stop.
try await FakeCloudStorage(bucket: nil, pageSize: 3).run { port in
  // Written past the buffer of the standard library, so that who started this can read it at once.
  FileHandle.standardOutput.write(Data("Serving http://127.0.0.1:\(port)\n".utf8))
}
