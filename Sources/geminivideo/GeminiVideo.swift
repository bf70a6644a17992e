import App
import ArgumentParser

/// The program: everything it can do is a command of ``RootCommand``.
@main
struct GeminiVideo {
  static func main() async {
    StandardStreams.occupyClosed()
    await RootCommand.main()
  }
}
