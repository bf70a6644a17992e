import NIOCore
import NIOPosix
import Testing

/// A port for a server whose address others must know before it serves.
enum FreePort {
  /// One that nothing listens on now.
  static func find() async throws -> Int {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0).get()
    let port = channel.localAddress?.port
    try await channel.close()
    return try #require(port)
  }
}
