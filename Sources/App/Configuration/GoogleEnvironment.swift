import Formats
import RemoteAPIs

/// What the environment says of Google, and of where blobs are kept.
package enum GoogleEnvironment {
  /// Reads the settings of tokens and models; a key file is read at once, which may wait for the disk. Throws a
  /// ``SettingError`` that names the variable at fault, but never what a file holds.
  package static func settings(_ environment: [String: String]) throws(SettingError) -> GoogleSettings {
    let reader = EnvironmentReader(environment)
    var settings = GoogleSettings()
    settings.credential = try credential(reader)
    settings.vertex = try vertex(reader, settings.credential)
    if let (name, model) = reader.first(["VERTEX_EMBEDDING_MODEL"]) {
      settings.embeddingModel = try checked(model, name)
    }
    return settings
  }

  /// Reads where blobs are kept: in the bucket that is named, unless `USE_GCS` is false; else in a folder.
  package static func blobs(_ environment: [String: String]) throws(SettingError) -> BlobSettings {
    let reader = EnvironmentReader(environment)
    let isWanted = reader.text("USE_GCS") == nil ? nil : try reader.flag("USE_GCS")
    let named = reader.first(["GCS_BUCKET", "GCS_BUCKET_NAME"])
    guard isWanted != false, let (name, bucket) = named else {
      guard isWanted != true else {
        throw SettingError(name: "USE_GCS", value: "true", rule: "needs the name of a bucket in GCS_BUCKET")
      }
      return .folder(path: reader.text("LOCAL_STORAGE_PATH") ?? BlobSettings.usualFolder)
    }
    guard CloudStorageSettings.isBucket(bucket) else {
      throw SettingError(name: name, value: bucket, rule: CloudStorageSettings.bucketRule)
    }
    var settings = CloudStorageSettings(bucket: bucket)
    guard let emulator = reader.text("STORAGE_EMULATOR_HOST") else {
      return .cloudStorage(settings, isEmulator: false)
    }
    settings.baseURL = try address(emulator.contains("://") ? emulator : "http://\(emulator)", "STORAGE_EMULATOR_HOST")
    return .cloudStorage(settings, isEmulator: true)
  }

  private static func credential(_ reader: EnvironmentReader) throws(SettingError) -> GoogleCredential {
    let name = "GOOGLE_APPLICATION_CREDENTIALS"
    guard let path = reader.text(name) else {
      return .metadataServer(host: try metadataHost(reader) ?? GoogleCredential.metadataHost)
    }
    let json: [UInt8]
    do {
      json = try FileBytes.slice(of: path, from: 0, count: ServiceAccountKey.largestFile + 1)
    } catch {
      throw SettingError(name: name, value: path, rule: "cannot be read: \(error.message)")
    }
    do {
      return .serviceAccount(try ServiceAccountKey(json: json))
    } catch {
      throw SettingError(name: name, value: path, rule: error.reason)
    }
  }

  private static func metadataHost(_ reader: EnvironmentReader) throws(SettingError) -> String? {
    let name = "GCE_METADATA_HOST"
    guard let host = reader.text(name) else { return nil }
    guard host.utf8.count <= 255, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"/?#@\\".utf8.contains($0) }) else {
      throw SettingError(name: name, value: host, rule: "must be a host, with a port if it is not 80")
    }
    return host
  }

  private static func vertex(
    _ reader: EnvironmentReader, _ credential: GoogleCredential
  ) throws(SettingError) -> VertexAISettings? {
    let projects = ["GOOGLE_CLOUD_PROJECT", "PROJECT_ID", "GCP_PROJECT_ID", "GCLOUD_PROJECT"]
    var project = try reader.first(projects).map { name, text throws(SettingError) in try checked(text, name) }
    if project == nil, case .serviceAccount(let key) = credential { project = key.projectID }
    guard let project else { return nil }
    let location = try reader.first(["GOOGLE_CLOUD_LOCATION", "LOCATION"]).map { name, text throws(SettingError) in
      try checked(text, name)
    }
    let url = try reader.text("GOOGLE_VERTEX_BASE_URL").map { text throws(SettingError) in
      try address(text, "GOOGLE_VERTEX_BASE_URL")
    }
    let settings = VertexAISettings(
      project: project, location: location ?? VertexAISettings.usualLocation, baseURL: url)
    guard let settings else {
      throw SettingError(name: "project_id", value: project, rule: VertexAISettings.nameRule)
    }
    return settings
  }

  private static func checked(_ text: String, _ name: String) throws(SettingError) -> String {
    guard VertexAISettings.isName(text) else {
      throw SettingError(name: name, value: text, rule: VertexAISettings.nameRule)
    }
    return text
  }

  private static func address(_ url: String, _ name: String) throws(SettingError) -> String {
    let isUsable = ["https://", "http://"].contains { url.hasPrefix($0) } && !url.contains { "?# ".contains($0) }
    guard isUsable, !url.hasSuffix("/") else {
      throw SettingError(
        name: name, value: url,
        rule: "must begin with http:// or https:// and have no query, fragment, blank or trailing slash")
    }
    return url
  }
}

extension EnvironmentReader {
  /// The first of several variables that is set, with its value.
  fileprivate func first(_ names: [String]) -> (name: String, text: String)? {
    for name in names {
      if let text = text(name) { return (name, text) }
    }
    return nil
  }
}
