import ServiceLifecycle

/// A sandbox's time: lets the world go on and sends its webhooks, until the process is told to stop.
package struct SandboxTime: Service {
  private let sandbox: Sandbox

  /// How often it looks.
  private static let pause = Duration.milliseconds(200)

  /// Keeps the time of `sandbox`.
  package init(_ sandbox: Sandbox) {
    self.sandbox = sandbox
  }

  /// Runs until the process is told to stop.
  package func run() async throws {
    await cancelWhenGracefulShutdown {
      while (try? await Task.sleep(for: Self.pause)) != nil {
        await sandbox.sendWebhooks()
      }
    }
  }
}
