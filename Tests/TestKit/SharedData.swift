import Foundation
import Testing

/// The folder `../shared` beside the checkout: data sets that are too large or too private to be kept with the code.
package enum SharedData {
  /// The folder, or nil where it is absent.
  package static let folder: URL? = {
    let checkout = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let folder = checkout.deletingLastPathComponent().appending(path: "shared", directoryHint: .isDirectory)
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder) && isFolder.boolValue
      ? folder : nil
  }()

  /// Whether the folder is there.
  package static var isPresent: Bool { folder != nil }

  /// A file in the folder, or nil where it is absent.
  package static func file(_ path: String) -> URL? {
    guard let file = folder?.appending(path: path), FileManager.default.fileExists(atPath: file.path) else {
      return nil
    }
    return file
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips the test, with a note, where `../shared` is not beside the checkout.
  package static var needsSharedData: Self {
    .enabled(if: SharedData.isPresent, "../shared is not beside this checkout")
  }
}
