import ArgumentParser

struct SandboxCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "sandbox", abstract: "All vendors on loopback.")
  func run() async throws {}
}
