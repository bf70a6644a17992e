import BlobStorage
import RemoteAPIs
import TextEmbedding
import Values

/// Who calls Google, and what for.
package struct GoogleSettings: Equatable, Sendable {
  /// What proves it.
  package var credential = GoogleCredential.metadataServer(host: GoogleCredential.metadataHost)
  /// Where models are asked; nil where no project is named that pays.
  package var vertex: VertexAISettings?
  /// The model that makes vectors.
  package var embeddingModel = VertexEmbeddingModel.usualName

  package init() {}

  /// The tokens of the one who calls, to be shared by all clients.
  package func tokens(over transport: any HTTPTransport, retry: GoogleRetry) -> GoogleTokens {
    GoogleTokens(credential: credential, transport: transport, retry: retry)
  }

  /// What makes vectors; nil where no project is named.
  package func embedder(
    over transport: any HTTPTransport, tokens: GoogleTokens, retry: GoogleRetry
  ) -> (any TextEmbedder)? {
    vertex.map { settings in
      let client = VertexAIClient(settings: settings, transport: transport, tokens: tokens, retry: retry)
      return VertexAIEmbedder(client, model: VertexEmbeddingModel(name: embeddingModel))
    }
  }
}

/// Where blobs are kept.
package enum BlobSettings: Equatable, Sendable {
  /// In a folder of this machine.
  case folder(path: String)
  /// In a bucket of Google Cloud Storage, or of an emulator, which wants no tokens.
  case cloudStorage(CloudStorageSettings, isEmulator: Bool)

  /// The folder of a program that was told of no other place.
  package static let usualFolder = ".geminivideo/blobs"

  /// Opens the store, and makes a folder that is missing. Throws a `BlobStoreError`; a bucket is not asked for anything.
  package func open(
    over transport: any HTTPTransport, tokens: GoogleTokens, retry: GoogleRetry
  ) async throws -> any BlobStore {
    switch self {
    case .folder(let path): return try await FolderBlobStore(path: path, now: { SystemClock.now })
    case .cloudStorage(let settings, let isEmulator):
      return CloudStorageBlobStore(
        CloudStorageClient(
          settings: settings, transport: transport, tokens: isEmulator ? nil : tokens, retry: retry))
    }
  }
}
