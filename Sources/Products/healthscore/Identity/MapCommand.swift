import ArgumentParser

struct MapCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "map", abstract: "Who is who: find, prove and keep the links between the systems' ids.",
    subcommands: [MapMatchCommand.self])
}
